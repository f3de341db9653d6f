import { expect, test } from 'vitest'
import { createAddressOf, networkOf } from '../../src/platform/client-address.ts'

const behind = createAddressOf(['127.0.0.1', '10.0.0.0/8', '2001:db8:1::/48'])
const alone = createAddressOf([])

test.each([
  ['nobody is believed by default', alone, '192.0.2.1', '198.51.100.1', '192.0.2.1'],
  ['a stranger cannot name another address', behind, '192.0.2.1', '198.51.100.1', '192.0.2.1'],
  ['a trusted proxy can', behind, '10.1.2.3', '198.51.100.1', '198.51.100.1'],
  ['what the client itself wrote proves nothing', behind, '127.0.0.1', '1.1.1.1, 198.51.100.1', '198.51.100.1'],
  ['a chain of proxies is followed', behind, '127.0.0.1', '1.1.1.1, 198.51.100.1, 10.9.9.9', '198.51.100.1'],
  ['when all are proxies, the first of them called', behind, '127.0.0.1', '10.0.0.9, 10.0.0.8', '10.0.0.9'],
  ['nonsense ends the search', behind, '127.0.0.1', '198.51.100.1, <script>, 10.9.9.9', '10.9.9.9'],
  ['without a header it is the proxy', behind, '127.0.0.1', undefined, '127.0.0.1'],
  ['IPv4 within IPv6 is IPv4', behind, '::ffff:10.1.2.3', '::FFFF:198.51.100.1', '198.51.100.1'],
  ['IPv6 proxies are proxies', behind, '2001:db8:1::5', '2001:db8:2::7', '2001:db8:2::7'],
  ['nobody there', behind, undefined, '198.51.100.1', 'unknown'],
])('%s', (_name, addressOf, peer, forwarded, expected) => {
  expect(addressOf(peer, forwarded)).toBe(expected)
})

test('a proxy that was forgotten is named once', () => {
  const told: string[] = []
  const addressOf = createAddressOf([], (peer) => told.push(peer))
  addressOf('172.17.0.1', undefined)
  for (let n = 0; n < 3; n++) expect(addressOf('172.17.0.1', '198.51.100.1')).toBe('172.17.0.1')
  expect(told).toEqual(['172.17.0.1'])
})

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:DB8::9', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['unknown', 'unknown'],
])('%s is counted as %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})
