import { get } from 'node:https'
import { expect, onTestFinished, test } from 'vitest'
import { isPublicAddress, isPublicHttps, publicHostsAgent } from '../../src/platform/public-hosts.ts'

test('only addresses of the world are public', () => {
  for (const address of ['8.8.8.8', '193.99.144.80', '2a00:1450:4001:800::200a'])
    expect(isPublicAddress(address)).toBe(true)
  const closed = [
    ...['127.0.0.1', '10.1.2.3', '172.31.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '224.0.0.1'],
    ...['255.255.255.255', '::1', '::', 'fe80::1', 'fd00::1', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '64:ff9b::7f00:1'],
    ...['2002:7f00:1::', '2001:db8::1', 'ff02::1', 'no address'],
  ]
  expect(closed.filter(isPublicAddress)).toEqual([])
})

test('only HTTPS at its own port, by a public name or address', () => {
  expect(isPublicHttps('https://fcm.googleapis.com/fcm/send/x')).toBe(true)
  const closed = [
    ...['http://push.example.org/x', 'https://push.example.org:8443/x', 'https://user:word@push.example.org/'],
    ...['https://localhost/', 'https://a.localhost/', 'https://node/', 'https://printer.local/', 'https://127.1/x'],
    ...[
      'https://2130706433/',
      'https://[::1]/',
      'https://[::ffff:10.0.0.1]/',
      'https://metadata.google.internal/',
      'x',
    ],
  ]
  expect(closed.filter(isPublicHttps)).toEqual([])
})

test('a call that would go inside is not made, by name or by number', async () => {
  const agent = publicHostsAgent()
  onTestFinished(() => agent.destroy())
  const call = (url: string) =>
    new Promise<string>((resolve) => {
      get(url, { agent }, () => resolve('answered')).on('error', (error) => resolve(error.message))
    })
  expect(await call('https://localhost:9/')).toBe('localhost is not a public host')
  expect(await call('https://127.0.0.1:9/').catch(String)).toContain('127.0.0.1 is not a public host')
  expect(await call('https://[::1]:9/').catch(String)).toContain('::1 is not a public host')
})
