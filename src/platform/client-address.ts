import { BlockList, isIP } from 'node:net'

/** Who is really calling: the peer, or what a trusted proxy says about it. */
export type AddressOf = (peer: string | undefined, forwardedFor: string | undefined) => string

/**
 * `X-Forwarded-For` is believed only as far as trusted proxies wrote it: read from the right, the first address that is
 * not a proxy of ours is the client. Anything further left was sent by that client and proves nothing. A header that is
 * not believed is told once: most often a proxy that was forgotten, behind which everybody looks like one person.
 */
export function createAddressOf(trustedProxies: readonly string[], onUnbelieved?: (peer: string) => void): AddressOf {
  const trusted = new BlockList()
  for (const range of trustedProxies) {
    const [address = '', prefix] = range.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (prefix === undefined) trusted.addAddress(address, family)
    else trusted.addSubnet(address, Number(prefix), family)
  }
  const isTrusted = (address: string) => trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

  let isTold = false
  return (peer, forwardedFor) => {
    let client = plainAddress(peer ?? '')
    if (!forwardedFor || !isIP(client)) return client || 'unknown'
    if (!isTrusted(client)) {
      if (!isTold) onUnbelieved?.(client)
      isTold = true
      return client
    }
    for (const hop of forwardedFor.split(',').reverse()) {
      const address = plainAddress(hop.trim())
      if (!isIP(address)) break
      client = address
      if (!isTrusted(address)) break
    }
    return client
  }
}

/** One key per subscriber: an IPv6 line owns a whole /64, so counting single addresses would limit nobody. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address
  const [head = '', tail] = address.toLowerCase().split('%')[0]!.split('::')
  const left = head ? head.split(':') : []
  const right = tail ? tail.split(':') : []
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right]
  return `${groups.slice(0, 4).join(':')}::/64`
}

// A dual-stack socket shows an IPv4 peer as ::ffff:192.0.2.1.
function plainAddress(address: string): string {
  return address.toLowerCase().startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}
