/**
 * Calls to addresses that strangers gave us. Only names that lead to public addresses are called, and what is looked at is
 * the address the call itself goes to: a name that changes between a look and the call gains nothing.
 */
import { type LookupAddress, lookup } from 'node:dns'
import { Agent } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'

const closed = new BlockList()
// IANA's special-purpose registries: this host, private, shared, link-local, documentation, multicast, reserved.
for (const range of [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/3'],
]) {
  const [address = '', prefix] = range.split('/')
  closed.addSubnet(address, Number(prefix), 'ipv4')
}
/** Of IPv6 only what is handed out to the world is open, without the parts that carry an IPv4 address inside. */
const open6 = new BlockList()
open6.addSubnet('2000::', 3, 'ipv6')
for (const [address, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  closed.addSubnet(address, prefix, 'ipv6')
}

export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 4) return !closed.check(address, 'ipv4')
  return isIP(address) === 6 && open6.check(address, 'ipv6') && !closed.check(address, 'ipv6')
}

/** HTTPS at its own port, by a name or a public address, and nobody's password in it. */
export function isPublicHttps(address: string): boolean {
  const url = URL.parse(address)
  if (url?.protocol !== 'https:' || url.port !== '' || url.username !== '' || url.password !== '') return false
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return isIP(host) === 0
    ? host.includes('.') && !/(^|\.)(localhost|local|internal)\.?$/.test(host)
    : isPublicAddress(host)
}

const lookUpPublic: LookupFunction = (hostname, options, done) => {
  lookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
    if (error) return done(error, [])
    const open = found.filter(({ address }) => isPublicAddress(address))
    if (open.length === 0) return done(new Error(`${hostname} is not a public host`), [])
    if (options.all) done(null, open)
    else done(null, open[0]!.address, open[0]!.family)
  })
}

/** For `https.request`: a host that is not public cannot be connected to. A literal address never reaches the look-up. */
export function publicHostsAgent(): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 20, lookup: lookUpPublic })
  const connect = agent.createConnection.bind(agent)
  agent.createConnection = (options, done) => {
    const host = options.host ?? ''
    if (isIP(host) !== 0 && !isPublicAddress(host)) throw new Error(`${host} is not a public host`)
    return connect(options, done)
  }
  return agent
}
