import { isIP } from 'node:net'
import { join } from 'node:path'
import { z } from 'zod'
import { Secret } from '../src/platform/secret.ts'
import { rungNames } from './ladders.ts'
import { moneyOf } from './money.ts'

function whole(min: number, max: number) {
  const rule = `must be a whole number from ${min} to ${max}`
  return z.coerce.number(rule).int(rule).min(min, rule).max(max, rule)
}

function oneOf<const Word extends string>(...words: Word[]) {
  return z.enum(words, `must be one of ${words.join(', ')}`)
}

const port = whole(0, 65_535)
const host = z.string().regex(/^[^\s/]+$/, 'must be a host name or address')
const file = z.string()
const password = z
  .string()
  .min(8, 'must have 8 characters or more')
  .max(128, 'must have 128 characters or fewer')
  .transform((value) => new Secret(value))

const key = z
  .string()
  .min(16, 'must have 16 characters or more')
  .transform((value) => new Secret(value))
const percent = 'must be a percentage from 0 to 90 with two digits at most'

const ladder = z
  .string()
  .refine(
    (value) => value === 'auto' || value === 'source' || words(value).every((rung) => rungNames.includes(rung)),
    `must be auto, source, or a list of ${rungNames.join(', ')}`,
  )
  .transform((value): 'auto' | 'source' | string[] => (value === 'auto' || value === 'source' ? value : words(value)))

const clientId = z.string().max(500).optional()
const clientSecret = z
  .string()
  .max(500)
  .transform((value) => new Secret(value))
  .optional()

const addresses = z
  .string()
  .refine((value) => words(value).every(isAddressRange), 'must be a list of addresses or ranges such as 10.0.0.0/8')
  .transform(words)

/** Every setting, its default, and its bounds. This list is the reference; `config/example.env` tells what each is for. */
export const Env = z.object({
  HTTP_HOST: host.default('0.0.0.0'),
  HTTP_PORT: port.default(8080),
  HTTPS_PORT: port.default(8443),
  PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'must be a http:// or https:// address' }).optional(),
  TRUSTED_PROXIES: addresses.default([]),
  REQUESTS_PER_MINUTE: whole(60, 1_000_000).default(3_000),
  TLS_CERT_FILE: file.optional(),
  TLS_KEY_FILE: file.optional(),
  RTMP_HOST: host.default('0.0.0.0'),
  RTMP_PORT: port.default(1935),
  RTMPS_PORT: port.default(1936),
  RTMP_MAX_CONNECTIONS: whole(1, 10_000).default(1_000),
  RTMP_MAX_PER_ADDRESS: whole(1, 10_000).default(20),
  DATA_DIR: file.default('data'),
  DATABASE_URL: z
    .string()
    .regex(/^(:memory:|file:.+|postgres(ql)?:\/\/.+)$/, 'must be :memory:, file:<path> or postgres://…')
    .optional(),
  MEDIA_ROOT: file.default('media'),
  HLS_PART_MS: whole(200, 1_000).default(333),
  HLS_DVR_MINUTES: whole(0, 720).default(30),
  HLS_MEMORY_MB: whole(16, 4_096).default(96),
  RECONNECT_GRACE_SECONDS: whole(0, 3_600).default(60),
  LADDER: ladder.default('auto'),
  ENCODER: oneOf('auto', 'software', 'nvenc', 'qsv', 'vaapi', 'videotoolbox').default('auto'),
  FFMPEG_PATH: file.default('ffmpeg'),
  FFPROBE_PATH: file.default('ffprobe'),
  DEVICES_AT_ONCE: whole(1, 100).default(2),
  DEVICE_LIMIT: oneOf('newest', 'refuse').default('newest'),
  MAX_SESSIONS: whole(1, 1_000).default(20),
  LOG_LEVEL: oneOf('silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace').default('info'),
  OWNER_EMAIL: z.email('must be an e-mail address').optional(),
  OWNER_PASSWORD: password.optional(),
  SIGN_UP: oneOf('open', 'invitation', 'closed').default('open'),
  CREATORS: oneOf('open', 'approval', 'invitation').default('approval'),
  KEEP_ADDRESSES: oneOf('0', '1').default('0'),
  ADDRESS_DAYS: whole(1, 3_650).default(30),
  GEOIP_FILE: file.optional(),
  SMTP_URL: z
    .url({ protocol: /^smtps?$/, error: 'must be smtp://… or smtps://…' })
    .transform((value) => new Secret(value))
    .optional(),
  MAIL_FROM: z.string().max(200).optional(),
  GOOGLE_CLIENT_ID: clientId,
  GOOGLE_CLIENT_SECRET: clientSecret,
  FACEBOOK_CLIENT_ID: clientId,
  FACEBOOK_CLIENT_SECRET: clientSecret,
  X_CLIENT_ID: clientId,
  X_CLIENT_SECRET: clientSecret,
  GITHUB_CLIENT_ID: clientId,
  GITHUB_CLIENT_SECRET: clientSecret,
  OIDC_ISSUER: z.url({ protocol: /^https?$/, error: 'must be a http:// or https:// address' }).optional(),
  OIDC_NAME: z.string().max(40).default('Single sign-on'),
  OIDC_CLIENT_ID: clientId,
  OIDC_CLIENT_SECRET: clientSecret,
  MONEY: oneOf('auto', 'stripe', 'test', 'off').default('auto'),
  STRIPE_SECRET_KEY: key.optional(),
  STRIPE_WEBHOOK_SECRET: key.optional(),
  TEST_MONEY_IN_PRODUCTION: oneOf('0', '1').default('0'),
  PLATFORM_FEE_PERCENT: z.coerce.number(percent).min(0, percent).max(90, percent).multipleOf(0.01, percent).default(0),
  MEMBERSHIP_GRACE_DAYS: whole(0, 60).default(7),
  NODE_ENV: z.string().optional(),
  DEMO: oneOf('0', '1').default('0'),
})

/** Whose value is never shown, not even when it is the one at fault. */
const SECRETS = new Set([
  ...['OWNER_PASSWORD', 'DATABASE_URL', 'SMTP_URL'],
  ...['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET'],
])
const PROVIDERS = ['GOOGLE', 'FACEBOOK', 'X', 'GITHUB'] as const

export type Config = ReturnType<typeof loadConfig>

/** What the auth library calls them. */
const SOCIAL = { GOOGLE: 'google', FACEBOOK: 'facebook', X: 'twitter', GITHUB: 'github' } as const

/** Throws an error that names every bad setting, its bounds and its value. */
export function loadConfig(env: NodeJS.ProcessEnv) {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()))
  const parsed = Env.safeParse(given)
  if (!parsed.success) {
    throw unusable(parsed.error.issues.map(({ path, message }) => complaint(String(path[0]), message, given)))
  }
  const e = parsed.data
  refuseHalfAPair(e, 'TLS_CERT_FILE', 'TLS_KEY_FILE')
  refuseHalfAPair(e, 'OWNER_EMAIL', 'OWNER_PASSWORD')
  for (const name of [...PROVIDERS, 'OIDC']) refuseHalfAPair(e, `${name}_CLIENT_ID`, `${name}_CLIENT_SECRET`)
  refuseHalfAPair(e, 'OIDC_ISSUER', 'OIDC_CLIENT_ID')

  const demo = e.DEMO === '1'
  const tls = e.TLS_CERT_FILE && e.TLS_KEY_FILE ? { certFile: e.TLS_CERT_FILE, keyFile: e.TLS_KEY_FILE } : null
  const publicUrl = e.PUBLIC_URL ?? (tls ? `https://localhost:${e.HTTPS_PORT}` : `http://localhost:${e.HTTP_PORT}`)
  return {
    http: {
      host: e.HTTP_HOST,
      port: e.HTTP_PORT,
      publicUrl: publicUrl.replace(/\/+$/, ''),
      trustedProxies: e.TRUSTED_PROXIES,
      requestsPerMinute: e.REQUESTS_PER_MINUTE,
    },
    https: tls && { port: e.HTTPS_PORT, ...tls },
    rtmp: {
      host: e.RTMP_HOST,
      port: e.RTMP_PORT,
      maxConnections: e.RTMP_MAX_CONNECTIONS,
      maxPerAddress: e.RTMP_MAX_PER_ADDRESS,
    },
    rtmps: tls && { port: e.RTMPS_PORT, ...tls },
    database: { url: e.DATABASE_URL ?? (demo ? ':memory:' : `file:${join(e.DATA_DIR, 'footlight.db')}`) },
    dataDir: e.DATA_DIR,
    media: { root: e.MEDIA_ROOT },
    hls: {
      partMs: e.HLS_PART_MS,
      dvrWindowMs: e.HLS_DVR_MINUTES * 60_000,
      memoryBytes: e.HLS_MEMORY_MB * 1024 * 1024,
    },
    live: {
      graceMs: e.RECONNECT_GRACE_SECONDS * 1_000,
      maxSessions: e.MAX_SESSIONS,
      ladder: e.LADDER,
      encoder: e.ENCODER,
    },
    ffmpeg: { path: e.FFMPEG_PATH, probePath: e.FFPROBE_PATH },
    access: { devices: e.DEVICES_AT_ONCE, onDeviceLimit: e.DEVICE_LIMIT },
    commerce: moneyOf(e, publicUrl, unusable),
    audience: { geoipFile: e.GEOIP_FILE ?? null, addressDays: e.ADDRESS_DAYS },
    log: { level: e.LOG_LEVEL },
    accounts: {
      signUp: e.SIGN_UP,
      creators: e.CREATORS,
      keepAddresses: e.KEEP_ADDRESSES === '1',
      providers: PROVIDERS.flatMap((name) => {
        const id = e[`${name}_CLIENT_ID`]
        const clientSecret = e[`${name}_CLIENT_SECRET`]
        return id && clientSecret ? [{ provider: SOCIAL[name], clientId: id, clientSecret }] : []
      }),
      oidc:
        e.OIDC_ISSUER && e.OIDC_CLIENT_ID && e.OIDC_CLIENT_SECRET
          ? {
              issuer: e.OIDC_ISSUER.replace(/\/+$/, ''),
              name: e.OIDC_NAME,
              clientId: e.OIDC_CLIENT_ID,
              clientSecret: e.OIDC_CLIENT_SECRET,
            }
          : null,
    },
    mail: e.SMTP_URL
      ? { url: e.SMTP_URL, from: e.MAIL_FROM ?? `Footlight <no-reply@${new URL(publicUrl).hostname}>` }
      : null,
    owner: e.OWNER_EMAIL && e.OWNER_PASSWORD ? { email: e.OWNER_EMAIL, password: e.OWNER_PASSWORD } : null,
    demo,
  }
}

function complaint(name: string, rule: string, given: Record<string, string | undefined>): string {
  if (given[name] === undefined) return `${name} ${rule}`
  return `${name} ${rule}, but is ${SECRETS.has(name) ? '[secret]' : JSON.stringify(given[name])}`
}

function refuseHalfAPair(settings: Record<string, unknown>, one: string, other: string): void {
  const missing = [one, other].filter((name) => settings[name] === undefined)
  if (missing.length === 1) throw unusable([`${missing[0]} is missing: ${one} and ${other} go together`])
}

function unusable(complaints: string[]): Error {
  return new Error(`The configuration cannot be used:\n${complaints.map((line) => `  ${line}`).join('\n')}`)
}

function words(list: string): string[] {
  return list
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean)
}

function isAddressRange(range: string): boolean {
  const [address = '', prefix, ...rest] = range.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128))
}
