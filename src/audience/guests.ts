/** What is kept of whoever begins to watch: kinds and names, never an address unless the operator wants them. */
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressOf } from '../platform/client-address.ts'
import type { CountryOf } from './countries.ts'
import { createVisitors, siteOf, type Visitor } from './visitor.ts'

export interface Guest extends Omit<Visitor, 'isBot'> {
  /** Two letters, ISO 3166. */
  country: string | null
  /** The other site the player sits on. */
  referrer: string | null
  address: string | null
}

/** A media request, as far as it tells of who sends it. */
export interface Asked {
  /** Below the session: `main.m3u8`, `720p/p12.m4s`. */
  file: string
  request: { url?: string | undefined; headers: IncomingHttpHeaders; socket: { remoteAddress?: string | undefined } }
}

export const UNKNOWN_GUEST: Guest = {
  ...{ device: 'unknown', browser: 'Unknown', player: 'Unknown' },
  ...{ country: null, referrer: null, address: null },
}

interface Options {
  addressOf: AddressOf
  countryOf: CountryOf
  keepAddresses: boolean
}

export function createGuests({ addressOf, countryOf, keepAddresses }: Options) {
  const visitorOf = createVisitors()

  /** Null for a crawler. */
  return function guestOf({ request: { headers, socket } }: Asked): Guest | null {
    const { isBot, ...visitor } = visitorOf(headers['user-agent'])
    if (isBot) return null
    const address = addressOf(socket.remoteAddress, headers['x-forwarded-for']?.toString())
    return {
      ...visitor,
      country: countryOf(address),
      referrer: siteOf(headers.referer, headers.host),
      address: keepAddresses ? address : null,
    }
  }
}
