/** What a request says of who sends it: the device, the browser, the player, and whether it is a person's at all. */
import Bowser from 'bowser'
import { isbot } from 'isbot'

export interface Visitor {
  isBot: boolean
  device: 'desktop' | 'phone' | 'tablet' | 'tv' | 'unknown'
  browser: string
  /** What plays: a page, or a program of its own. */
  player: string
}

/** Programs that play without a page. Some of them look like crawlers to those who look for crawlers. */
const PLAYERS: readonly [RegExp, string][] = [
  [/\bVLC\b/i, 'VLC'],
  [/^Lavf|ffmpeg/i, 'FFmpeg'],
  [/^mpv\b/i, 'mpv'],
  [/^curl\//i, 'curl'],
  [/AppleCoreMedia/i, 'Apple player'],
  [/ExoPlayer|AndroidXMedia/i, 'ExoPlayer'],
  [/GStreamer/i, 'GStreamer'],
  [/^Kodi/i, 'Kodi'],
  [/^Roku/i, 'Roku'],
]
const DEVICES: Record<string, Visitor['device']> = { desktop: 'desktop', mobile: 'phone', tablet: 'tablet', tv: 'tv' }
const LONGEST_AGENT = 500
const LONGEST_NAME = 40
const KEPT = 5_000

/** The same words come again and again, so what they mean is remembered. */
export function createVisitors() {
  const known = new Map<string, Visitor>()

  return function visitorOf(agent: string | undefined): Visitor {
    const words = (agent ?? '').slice(0, LONGEST_AGENT)
    const found = known.get(words)
    if (found) return found
    if (known.size >= KEPT) known.clear()
    const read = readAgent(words)
    known.set(words, read)
    return read
  }
}

function readAgent(words: string): Visitor {
  if (words === '') return { isBot: false, device: 'unknown', browser: 'Unknown', player: 'Unknown' }
  const player = PLAYERS.find(([pattern]) => pattern.test(words))?.[1]
  const { browser, platform } = Bowser.parse(words)
  const device = DEVICES[platform.type ?? ''] ?? 'unknown'
  if (player) return { isBot: false, device, browser: player, player }
  const name = browser.name?.slice(0, LONGEST_NAME) || 'Unknown'
  return { isBot: isbot(words), device, browser: name, player: /^Mozilla\//.test(words) ? 'Web page' : name }
}

/** The other site a player sits on; null for one of our own pages, and where nothing is told. */
export function siteOf(referrer: string | undefined, ourHost: string | undefined): string | null {
  if (!referrer || !URL.canParse(referrer)) return null
  const { protocol, host } = new URL(referrer)
  return /^https?:$/.test(protocol) && host !== ourHost ? host.replace(/^www\./, '').slice(0, 100) : null
}
