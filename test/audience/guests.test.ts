import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openCountries, siteOf } from '../../src/audience/audience.ts'
import { createVisitors } from '../../src/audience/visitor.ts'
import { AGENTS } from '../helpers/audience-room.ts'
import { countryDatabase } from '../helpers/geoip.ts'

const agent = createVisitors()

test.for<[string, ReturnType<typeof agent>]>([
  [AGENTS.chrome, { isBot: false, device: 'desktop', browser: 'Chrome', player: 'Web page' }],
  [AGENTS.iphone, { isBot: false, device: 'phone', browser: 'Safari', player: 'Web page' }],
  [AGENTS.vlc, { isBot: false, device: 'unknown', browser: 'VLC', player: 'VLC' }],
  // These look like crawlers to those who look for crawlers.
  [AGENTS.ffmpeg, { isBot: false, device: 'unknown', browser: 'FFmpeg', player: 'FFmpeg' }],
  [AGENTS.curl, { isBot: false, device: 'unknown', browser: 'curl', player: 'curl' }],
  ['mpv 0.39.0', { isBot: false, device: 'unknown', browser: 'mpv', player: 'mpv' }],
  [
    'AppleCoreMedia/1.0.0.20A362 (iPhone; U; CPU OS 16_0 like Mac OS X; en_us)',
    { isBot: false, device: 'phone', browser: 'Apple player', player: 'Apple player' },
  ],
  ['', { isBot: false, device: 'unknown', browser: 'Unknown', player: 'Unknown' }],
])('%s is somebody', ([words, expected]) => {
  expect(agent(words)).toEqual(expected)
})

test.for([
  AGENTS.google,
  AGENTS.discord,
  'Twitterbot/1.0',
  'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
  'WhatsApp/2.23.20.0',
  'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
  'TelegramBot (like TwitterBot)',
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36',
])('%s is nobody', (words) => {
  expect(agent(words).isBot).toBe(true)
})

test('words without end are cut, and none are too strange', () => {
  expect(agent('x'.repeat(100_000)).browser.length).toBeLessThanOrEqual(40)
  expect(agent('\0\u202e<script>').isBot).toBe(false)
})

test.for<[string | undefined, string | null]>([
  ['https://www.news.example/a/b?c=d', 'news.example'],
  ['http://tv.example:8080/', null],
  ['https://tv.example/', 'tv.example'],
  ['android-app://com.example', null],
  ['nonsense', null],
  [undefined, null],
])('coming from %s is coming from %s', ([referrer, site]) => {
  expect(siteOf(referrer, 'tv.example:8080')).toBe(site)
})

test('a country is found in the database an operator gives, and none without it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'geoip-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'countries.mmdb')
  writeFileSync(file, countryDatabase({ '203.0.113.0/24': 'AU', '198.51.100.128/25': 'DE' }))
  const countryOf = await openCountries(file)
  const asked = ['203.0.113.9', '198.51.100.200', '198.51.100.1', '192.0.2.1', 'unknown', '2001:db8::1']
  expect(asked.map(countryOf)).toEqual(['AU', 'DE', null, null, null, null])
  expect((await openCountries(null))('203.0.113.9')).toBe(null)
  await expect(openCountries(join(folder, 'missing.mmdb'))).rejects.toThrow('GEOIP_FILE')
})
