/** Nothing that opens anything is in a log line, in the audit log or in a page's address, however much is logged. */
import { expect, test } from 'vitest'
import { createLogger } from '../../src/platform/logger.ts'
import { pausedShow } from '../helpers/paused-show.ts'
import { PASSWORD } from '../helpers/people.ts'

test('passwords, tokens, keys, codes and paid addresses are logged nowhere', async () => {
  const lines: string[] = []
  const show = await pausedShow(createLogger('trace', { write: (line) => void lines.push(line) }))
  const { node, channelId, sessionId } = show
  const { made, admin } = node
  const vera = await node.person('Vera', 'viewer')
  const at = `/api/channels/${channelId}`
  const make = async (path: string, body: object, as = admin) => made<Record<string, string>>('POST', path, as, body)

  const streamKey = (await make(`${at}/stream-keys`, { label: 'OBS' })).streamKey!
  const apiKey = (await make('/api/account/api-keys', { label: 'x', scopes: ['channels:read'] })).apiKey!
  const invitation = (await make(`${at}/invitations`, {})).link!.split('=')[1]!
  const house = (await make('/api/operator/invitations', { role: 'viewer' })).word!
  const gift = (await make(`${at}/gifts`, { tier: 'basic' })).code!
  const overlay = (await make(`${at}/chat/overlay`, {})).path!.split('/').at(-1)!
  const play = await make('/api/playback', { sessionId }, vera.as)
  await make('/api/show-invitations/accept', { secret: invitation }, vera.as)
  await make('/api/gifts/redeem', { code: gift }, vera.as)
  await fetch(node.at + play.url!)
  await fetch(`${node.at}/hls/${play.token}x/${sessionId}/main.m3u8`)
  await node.ask('GET', `/overlay/${overlay}`)
  await node.ask('GET', '/api/me', { as: apiKey })
  await node.ask('POST', '/api/auth/sign-in/email', { body: { email: vera.email, password: `${PASSWORD}!` } })

  const secrets = { streamKey, apiKey, invitation, house, gift, overlay, token: play.token!, bearer: vera.as, PASSWORD }
  const audit = (await node.ask('GET', '/api/operator/audit?limit=100', { as: admin })).text
  const page = (await node.ask('GET', `/c/${show.slug}`)).text.match(/<meta[^>]*>|<link[^>]*>/g)?.join() ?? ''
  expect(lines.length).toBeGreaterThan(3)
  for (const [name, secret] of Object.entries(secrets)) {
    // Its end: the public half of a key may be told.
    const proof = secret.slice(-20)
    expect(
      lines.filter((line) => line.includes(proof)),
      name,
    ).toEqual([])
    expect(audit, name).not.toContain(proof)
    expect(page, name).not.toContain(proof)
  }
})
