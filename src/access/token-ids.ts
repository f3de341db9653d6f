/**
 * Ids inside a token, short: a UUID takes 17 bytes, another id its UTF-8 bytes and one, an absent one a single byte.
 */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const ABSENT = 0
const AS_UUID = 255

export function packIds(ids: (string | null)[]): Buffer {
  return Buffer.concat(ids.map(packId))
}

/** The ids in their order; shorter than what was packed when the bytes end early. */
export function unpackIds(bytes: Buffer): (string | null)[] {
  const ids: (string | null)[] = []
  for (let at = 0; at < bytes.length; ) {
    const kind = bytes[at]!
    const end = at + 1 + (kind === AS_UUID ? 16 : kind)
    if (end > bytes.length) break
    const id = bytes.subarray(at + 1, end)
    ids.push(kind === ABSENT ? null : kind === AS_UUID ? dashed(id.toString('hex')) : id.toString('utf8'))
    at = end
  }
  return ids
}

function packId(id: string | null): Buffer {
  if (id === null) return Buffer.of(ABSENT)
  if (UUID.test(id)) return Buffer.concat([Buffer.of(AS_UUID), Buffer.from(id.replaceAll('-', ''), 'hex')])
  const bytes = Buffer.from(id, 'utf8')
  if (bytes.length === 0 || bytes.length >= AS_UUID) throw new RangeError('an id in a token has 1 to 254 bytes')
  return Buffer.concat([Buffer.of(bytes.length), bytes])
}

function dashed(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
