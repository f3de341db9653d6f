/** A country database of a few networks, in the MaxMind DB format (version 2.0 of its specification), for IPv4. */
type Value = string | number | Value[] | { [name: string]: Value }

const MARKER = Buffer.from('abcdef4d61784d696e642e636f6d', 'hex')
const SEPARATOR = Buffer.alloc(16)

/** `{ '203.0.113.0/24': 'AU' }` as a file's bytes. */
export function countryDatabase(countries: Record<string, string>): Buffer {
  const data: Buffer[] = []
  const nodes: [Leaf, Leaf][] = [[null, null]]
  for (const [network, country] of Object.entries(countries)) {
    const offset = Buffer.concat(data).length
    data.push(encode({ country: { iso_code: country } }))
    insert(nodes, network, { offset })
  }
  const pointer = (leaf: Leaf) =>
    leaf === null ? nodes.length : typeof leaf === 'number' ? leaf : nodes.length + SEPARATOR.length + leaf.offset
  const tree = Buffer.alloc(nodes.length * 6)
  for (const [index, [left, right]] of nodes.entries()) {
    tree.writeUIntBE(pointer(left), index * 6, 3)
    tree.writeUIntBE(pointer(right), index * 6 + 3, 3)
  }
  const about = encode({
    node_count: nodes.length,
    record_size: 24,
    ip_version: 4,
    database_type: 'Test-Country',
    languages: ['en'],
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_700_000_000,
    description: { en: 'A few networks' },
  })
  return Buffer.concat([tree, SEPARATOR, ...data, MARKER, about])
}

/** Another node, a piece of data, or nothing. */
type Leaf = number | { offset: number } | null

function insert(nodes: [Leaf, Leaf][], network: string, leaf: { offset: number }): void {
  const [address = '', length] = network.split('/')
  const bits = address
    .split('.')
    .map((byte) => Number(byte).toString(2).padStart(8, '0'))
    .join('')
    .slice(0, Number(length))
  let node = 0
  for (const [at, bit] of [...bits].entries()) {
    const side = bit === '0' ? 0 : 1
    const next = nodes[node]![side]
    if (at === bits.length - 1) nodes[node]![side] = leaf
    else if (typeof next === 'number') node = next
    else {
      nodes.push([null, null])
      nodes[node]![side] = nodes.length - 1
      node = nodes.length - 1
    }
  }
}

/** Types 2 (string), 6 (unsigned, 32 bits), 7 (map) and 11 (array, an extended one). */
function encode(value: Value): Buffer {
  if (typeof value === 'string') return Buffer.concat([head(2, Buffer.byteLength(value)), Buffer.from(value)])
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return Buffer.concat([head(6, 4), bytes])
  }
  if (Array.isArray(value)) return Buffer.concat([Buffer.of(value.length, 11 - 7), ...value.map(encode)])
  const pairs = Object.entries(value)
  return Buffer.concat([head(7, pairs.length), ...pairs.flatMap(([name, inner]) => [encode(name), encode(inner)])])
}

function head(type: number, size: number): Buffer {
  if (size < 29) return Buffer.of((type << 5) | size)
  return Buffer.of((type << 5) | 29, size - 29)
}
