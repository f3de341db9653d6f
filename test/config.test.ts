import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Env, loadConfig } from '../config/config.ts'

const example = readFileSync('config/example.env', 'utf8')

test('a fresh machine needs no configuration at all', () => {
  expect(loadConfig({})).toMatchObject({
    http: { host: '0.0.0.0', port: 8080, publicUrl: 'http://localhost:8080', trustedProxies: [] },
    https: null,
    rtmp: { port: 1935 },
    rtmps: null,
    database: { url: 'file:data/footlight.db' },
    media: { root: 'media' },
    hls: { partMs: 333, dvrWindowMs: 1_800_000 },
    live: { graceMs: 60_000, maxSessions: 20, ladder: 'auto', encoder: 'auto' },
    owner: null,
    demo: false,
  })
})

test('example.env names every setting, and shows the defaults', () => {
  const lines = [...example.matchAll(/^(#?)([A-Z_]+)=(.*)$/gm)].map(([, comment, name, value]) => ({
    comment,
    name,
    value,
  }))
  expect(lines.map(({ name }) => name).sort()).toEqual(Object.keys(Env.shape).sort())
  const shown = Object.fromEntries(lines.filter(({ comment }) => !comment).map(({ name, value }) => [name, value]))
  expect(loadConfig(shown)).toEqual(loadConfig({}))
})

test('what example.env shows as a comment can be used as well', () => {
  const all = [...example.matchAll(/^#?([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value])
  const config = loadConfig(Object.fromEntries(all))
  expect(config).toMatchObject({
    http: { publicUrl: 'https://live.example.org', trustedProxies: ['127.0.0.1', '10.0.0.0/8'] },
    https: { port: 8443, certFile: expect.stringContaining('fullchain.pem') },
    rtmps: { port: 1936 },
    owner: { email: 'you@example.org' },
  })
})

test.each([
  ['HTTP_PORT', '99999', 'HTTP_PORT must be a whole number from 0 to 65535, but is "99999"'],
  ['HTTP_PORT', '80.5', 'HTTP_PORT must be a whole number from 0 to 65535, but is "80.5"'],
  ['RTMP_PORT', 'abc', 'RTMP_PORT must be a whole number from 0 to 65535, but is "abc"'],
  ['HLS_PART_MS', '100', 'HLS_PART_MS must be a whole number from 200 to 1000, but is "100"'],
  ['HLS_DVR_MINUTES', '-1', 'HLS_DVR_MINUTES must be a whole number from 0 to 720, but is "-1"'],
  ['PUBLIC_URL', 'live.example.org', 'PUBLIC_URL must be a http:// or https:// address, but is "live.example.org"'],
  ['LADDER', '720p,999p', 'LADDER must be auto, source, or a list of 1080p60, 1080p, 720p60, 720p, 480p, 360p, 240p'],
  ['ENCODER', 'gpu', 'ENCODER must be one of auto, software, nvenc, qsv, vaapi, videotoolbox, but is "gpu"'],
  ['LOG_LEVEL', 'loud', 'LOG_LEVEL must be one of silent, fatal'],
  ['TRUSTED_PROXIES', '10.0.0.0/33', 'TRUSTED_PROXIES must be a list of addresses or ranges'],
  ['TRUSTED_PROXIES', 'proxy.local', 'TRUSTED_PROXIES must be a list of addresses or ranges'],
  [
    'DATABASE_URL',
    'mysql://root:hunter2hunter2@db',
    'DATABASE_URL must be :memory:, file:<path> or postgres://…, but is [secret]',
  ],
  ['OWNER_PASSWORD', 'hunter2', 'OWNER_PASSWORD must have 8 characters or more, but is [secret]'],
])('%s=%s stops the start and is named with its bounds', (name, value, complaint) => {
  expect(() => loadConfig({ [name]: value })).toThrow(complaint)
})

test('every bad setting is named at once, and no secret is', () => {
  const env = { HTTP_PORT: 'x', MAX_SESSIONS: '0', OWNER_PASSWORD: 'hunter2', DATABASE_URL: 'mysql://u:sesame@h' }
  const complaint = messageOf(() => loadConfig(env))
  for (const name of Object.keys(env)) expect(complaint).toContain(name)
  expect(complaint).not.toMatch(/hunter2|sesame/)
})

test('settings that go together are refused alone', () => {
  expect(() => loadConfig({ TLS_CERT_FILE: 'a.pem' })).toThrow('TLS_KEY_FILE is missing')
  expect(() => loadConfig({ OWNER_EMAIL: 'a@example.org' })).toThrow('OWNER_PASSWORD is missing')
})

test('an empty setting is as if it were not there', () => {
  expect(loadConfig({ HTTP_PORT: '', LADDER: ' ' })).toEqual(loadConfig({}))
})

test('a loaded config prints no secret', () => {
  const config = loadConfig({ OWNER_EMAIL: 'a@example.org', OWNER_PASSWORD: 'open sesame' })
  expect(JSON.stringify(config)).not.toContain('sesame')
  expect(config.owner?.password.reveal()).toBe('open sesame')
})

test('a demo keeps its database in memory', () => {
  expect(loadConfig({ DEMO: '1' })).toMatchObject({ demo: true, database: { url: ':memory:' } })
})

function messageOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  throw new Error('it did not throw')
}
