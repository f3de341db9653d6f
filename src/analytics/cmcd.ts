/** What players say of themselves with their requests: CMCD, CTA-5004, in the query or in four headers. Pure. */
import type { IncomingHttpHeaders } from 'node:http'

export interface Cmcd {
  /** Bits a second of what is asked for. */
  bitrate: number | null
  bufferMs: number | null
  /** The buffer ran dry since the request before. */
  isStarved: boolean
}

const HEADERS = ['cmcd-request', 'cmcd-object', 'cmcd-status', 'cmcd-session'] as const
const LONGEST = 1_000
const MOST_KBPS = 200_000
const MOST_BUFFER_MS = 3_600_000

/** Null where the player says nothing; what is not understood is passed over. */
export function readCmcd(url: string, headers: IncomingHttpHeaders): Cmcd | null {
  const said = fromQuery(url) ?? fromHeaders(headers)
  if (said === null) return null
  const words = new Map(said.slice(0, LONGEST).split(',').map(pair))
  const isPicture = !['a', 'm', 'i', 'c'].includes(words.get('ot') ?? '')
  const kbps = isPicture ? whole(words.get('br'), MOST_KBPS) : null
  return {
    bitrate: kbps === null ? null : kbps * 1_000,
    bufferMs: whole(words.get('bl'), MOST_BUFFER_MS),
    // Section 3.2: a boolean that is true is its name alone.
    isStarved: words.get('bs') === '' || words.get('bs') === 'true',
  }
}

function fromQuery(url: string): string | null {
  const at = url.indexOf('CMCD=')
  return at === -1 ? null : new URLSearchParams(url.slice(at, at + 3 * LONGEST)).get('CMCD')
}

/** Asked at every media request: those who say nothing cost four looks. */
function fromHeaders(headers: IncomingHttpHeaders): string | null {
  let said: string | null = null
  for (const name of HEADERS) {
    const words = headers[name]
    if (words !== undefined) said = said === null ? String(words) : `${said},${words}`
  }
  return said
}

function pair(text: string): [string, string] {
  const [name = '', value = ''] = text.trim().split('=', 2)
  return [name, value.replace(/^"|"$/g, '')]
}

function whole(text: string | undefined, most: number): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text) && Number(text) <= most ? Number(text) : null
}
