import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, sep } from 'node:path'
import { expect, test } from 'vitest'

/** The dependency table of docs/architecture.md, section 3. `platform` is open to all but itself has nothing above it. */
const leaves = ['accounts', 'access', 'audience', 'ingest', 'analytics', 'jobs', 'transcode', 'hls', 'storage']
const middle = ['catalog', 'webhooks', 'notices', 'live', 'library', 'programme', 'commerce', 'chat', 'social', 'shop']
const rooms: Record<string, { mayImport: string[]; owns?: string[] }> = {
  platform: { mayImport: [] },
  db: { mayImport: [] },
  storage: { mayImport: [] },
  accounts: {
    mayImport: ['db'],
    owns: [
      ...['user', 'signIn', 'credential', 'verification', 'mailToken'],
      ...['twoFactor', 'passkey', 'apiKey', 'invitation'],
    ],
  },
  access: { mayImport: ['db'], owns: ['entitlement', 'showInvitation', 'preview', 'withdrawal'] },
  audience: { mayImport: ['db'], owns: ['viewing', 'audienceSample'] },
  ingest: { mayImport: ['db'], owns: ['streamKey'] },
  analytics: {
    mayImport: ['db'],
    owns: ['playbackEvent', 'playbackQuality', 'sessionMark', 'sessionSummary', 'nodeSample'],
  },
  jobs: { mayImport: ['db'], owns: ['job'] },
  transcode: { mayImport: [] },
  containers: { mayImport: [] },
  hls: { mayImport: ['storage', 'containers'] },
  catalog: { mayImport: ['db', 'accounts'], owns: ['channel', 'follow', 'channelModerator', 'channelBan'] },
  webhooks: { mayImport: ['db', 'jobs'] },
  notices: { mayImport: ['db', 'jobs'], owns: ['notice', 'noticeSetting', 'pushSubscription'] },
  live: { mayImport: ['db', 'catalog', 'jobs', 'storage', 'ingest', 'transcode', 'hls'], owns: ['session'] },
  library: { mayImport: ['db', 'catalog', 'jobs', 'storage', 'transcode', 'hls'] },
  programme: {
    mayImport: ['db', 'catalog', 'jobs', 'notices', 'hls', 'storage'],
    owns: ['series', 'occurrence', 'reminder'],
  },
  commerce: {
    mayImport: ['db', 'accounts', 'catalog', 'access', 'jobs'],
    owns: [
      'offer',
      'promotion',
      'purchase',
      'membership',
      'payment',
      'payoutAccount',
      'payout',
      'ledgerPosting',
      'ledgerEntry',
      'gift',
      'comp',
      'moneyEvent',
      'moneySetting',
      'testMoney',
    ],
  },
  chat: {
    mayImport: ['db', 'accounts', 'catalog', 'access'],
    owns: 'Message Setting Timeout Flag Note Act Poll Vote Paid Emote'.split(' ').map((name) => `chat${name}`),
  },
  social: { mayImport: ['db', 'accounts', 'catalog', 'access'] },
  shop: { mayImport: ['db', 'accounts', 'catalog', 'access'] },
  web: { mayImport: ['db', ...leaves, ...middle] },
  admin: { mayImport: ['db', ...leaves, ...middle], owns: ['auditEntry'] },
}

/** Each outside library has one importer. */
const importers: Record<string, string> = {
  'node-media-server': 'src/ingest/rtmp-session.ts',
  'fluent-ffmpeg': 'src/transcode/ffmpeg.ts',
  'better-auth': 'src/accounts/auth.ts',
  '@better-auth/passkey': 'src/accounts/auth.ts',
  '@zxcvbn-ts/language-common': 'src/accounts/passwords.ts',
  nodemailer: 'src/platform/mailer.ts',
  qrcode: 'src/accounts/second-factor.ts',
  '@node-rs/argon2': 'src/accounts/auth.ts',
  'better-sqlite3': 'src/db/db.ts',
  pg: 'src/db/db.ts',
  pino: 'src/platform/logger.ts',
  'ical-generator': 'src/programme/calendar.ts',
  'prom-client': 'src/platform/metrics.ts',
  'rate-limiter-flexible': 'src/platform/rate-limit.ts',
  'rrule-temporal': 'src/programme/recurrence.ts',
  'socket.io': 'src/platform/sockets.ts',
  sharp: 'src/live/pictures.ts',
  stripe: 'src/commerce/stripe.ts',
  uuid: 'src/platform/ids.ts',
  'web-push': 'src/notices/push.ts',
  isbot: 'src/audience/visitor.ts',
  bowser: 'src/audience/visitor.ts',
  maxmind: 'src/audience/countries.ts',
}

/** What the media side's crafts and the pure files must not know: the language of the edges. */
const edgesOnly = ['hono', '@hono/zod-openapi', '@hono/node-server', 'socket.io', 'socket.io-adapter']

const read = (pattern: string) =>
  globSync(pattern, { exclude: (path) => path.includes(join('web', 'client')) })
    .filter((path) => !path.endsWith('.d.ts'))
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }))

const inRooms = read('src/*/**/*.ts').map((file) => ({ ...file, room: file.path.split(sep)[1]! }))
const server = [...inRooms, ...read('src/*.ts')]
const specifiers = (text: string) =>
  [...text.matchAll(/(?:from|import) '([^']+)'|import\('([^']+)'\)/g)].map((m) => (m[1] ?? m[2])!)

/** Relative imports as paths from the root. */
function targets({ path, text }: { path: string; text: string }) {
  return specifiers(text)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => normalize(join(dirname(path), specifier)))
}

test('there is a house to look at', () => {
  expect(inRooms.length).toBeGreaterThan(40)
  expect(server.flatMap(targets).length).toBeGreaterThan(100)
  expect([...new Set(inRooms.map(({ room }) => room))].filter((room) => !rooms[room])).toEqual([])
})

test('no room imports a room it may not know', () => {
  const wrong = inRooms.flatMap((file) =>
    targets(file).flatMap((target) => {
      const [top, room = ''] = target.split(sep)
      const isOwn = top === 'src' && (room === file.room || (file.room !== 'platform' && room === 'platform'))
      return isOwn || (top === 'src' && rooms[file.room]?.mayImport.includes(room)) || isConfig(file, target)
        ? []
        : [`${file.path} -> ${target}`]
    }),
  )
  expect(wrong).toEqual([])
})

/** Ladders are data an operator may change; the config itself is handed out in slices by app.ts. */
function isConfig({ room }: { room: string }, target: string): boolean {
  return target === join('config', 'ladders.ts') && ['transcode', 'live', 'catalog'].includes(room)
}

const isRoot = (path: string) => [join('src', 'app.ts'), join('src', 'routes.ts')].includes(path)

test('a room is entered by its door', () => {
  const side = ['routes.ts', 'socket.ts', 'delivery.ts']
  const wrong = server.flatMap((file) =>
    targets(file).flatMap((target) => {
      const [top, room = '', ...rest] = target.split(sep)
      const own = file.path.split(sep)[1]
      if (top !== 'src' || room === own || rest.length === 0 || ['platform', 'db'].includes(room)) return []
      const isDoor = rest.join(sep) === `${room}.ts`
      const isSideDoor = isRoot(file.path) && side.includes(rest.join(sep))
      return isDoor || isSideDoor ? [] : [`${file.path} -> ${target}`]
    }),
  )
  expect(wrong).toEqual([])
})

test('no room writes a table it does not own, and every table has an owner', () => {
  const writes = inRooms.flatMap(({ path, room, text }) =>
    [...text.matchAll(/(?:insertInto|updateTable|deleteFrom|mergeInto|replaceInto)\(\s*'(\w+)/g)].map((match) => ({
      path,
      room,
      table: match[1]!,
    })),
  )
  expect(writes.length).toBeGreaterThan(5)
  expect(writes.filter(({ room, table }) => !rooms[room]?.owns?.includes(table))).toEqual([])
  const schema = readFileSync('src/db/schema.ts', 'utf8')
  const tables = [...(/interface Tables \{([^}]*)\}/.exec(schema)?.[1] ?? '').matchAll(/(\w+):/g)].map(
    (match) => match[1]!,
  )
  expect(tables.sort()).toEqual(
    Object.values(rooms)
      .flatMap(({ owns = [] }) => owns)
      .sort(),
  )
})

test('each outside library has one importer', () => {
  const packageOf = (specifier: string) =>
    specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/')
  const found = new Map<string, string[]>()
  for (const { path, text } of server) {
    for (const name of new Set(specifiers(text).map(packageOf))) {
      if (importers[name]) found.set(name, [...(found.get(name) ?? []), path])
    }
  }
  const wrong = [...found].filter(([name, paths]) => paths.join() !== importers[name])
  expect(wrong).toEqual([])
  expect(found.size).toBe(Object.keys(importers).length)
})

test('the language of the edges stays at the edges', () => {
  const edge = /^src\/(app|main|reactions)\.ts$|^src\/(platform|web|admin)\/|[/-](routes|socket)\.ts$/
  const wrong = server
    .filter(({ path }) => !edge.test(path))
    .flatMap(({ path, text }) =>
      specifiers(text)
        .filter((s) => edgesOnly.includes(s))
        .map((s) => `${path} -> ${s}`),
    )
  expect(wrong).toEqual([])
})

test('the environment is read in one place', () => {
  const wrong = [...server, ...read('config/*.ts')].filter(
    ({ path, text }) => /\bprocess\.env\b/.test(text) && path !== join('src', 'main.ts'),
  )
  expect(wrong.map(({ path }) => path)).toEqual([])
})

test('migrations stand alone', () => {
  const migrations = read('migrations/*.ts')
  expect(migrations.length).toBeGreaterThan(0)
  expect(migrations.flatMap(({ text }) => specifiers(text)).filter((s) => s !== 'kysely')).toEqual([])
})

test('raw SQL stays where both dialects are minded', () => {
  const mayHold = /^src\/db\/|^src\/catalog\/search\.ts$/
  const wrong = server.filter(({ path, text }) => /\bsql(<[^`]*>)?`/.test(text) && !mayHold.test(path))
  expect(wrong.map(({ path }) => path)).toEqual([])
})

test('no drawers, no index files, nothing skipped, nothing mocked', () => {
  const drawers = /(^|\/)(index|utils?|helpers?|types|constants|common|misc)\.ts$/
  expect(server.filter(({ path }) => drawers.test(path)).map(({ path }) => path)).toEqual([])
  const tests = read('test/**/*.ts').filter(({ path }) => path !== join('test', 'house.test.ts'))
  expect(tests.length).toBeGreaterThan(10)
  const banned = /\bvi\.mock\(|\b(test|describe|it)\.(skip|todo|only)/
  expect(tests.filter(({ text }) => banned.test(text)).map(({ path }) => path)).toEqual([])
})
