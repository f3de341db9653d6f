/** What a whole node tells a person of themselves, and what is left of them when they have left. */
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '../helpers/eventually.ts'
import { PASSWORD } from '../helpers/people.ts'
import { startWholeNode } from '../helpers/whole-node.ts'

test('my data is what every room knows of me; when I leave, my name is gone, nobody charges me and the books stay', async () => {
  const node = await startWholeNode()
  onTestFinished(node.stop)
  const { made, ask, admin } = node
  const vera = await node.person('Vera', 'viewer')
  const { id: channelId } = await made('POST', '/api/channels', admin, { name: 'The house' })
  const at = `/api/channels/${channelId}`
  const plan = { kind: 'membership', name: 'Friends', currency: 'EUR', price: 500, tier: 'basic' }
  const { id: offerId } = await made('POST', `${at}/offers`, admin, plan)
  const { orderId, url } = await made('POST', '/api/checkouts', vera.as, { offerId })
  await made('POST', `/api/test-money/${url!.split('/').at(-1)}/acts`, vera.as, { act: 'pay' })
  await eventually(async () => (await made('POST', `/api/orders/${orderId}/look`, vera.as)).isSettled)
  await made('PUT', `${at}/follow`, vera.as)
  const said = await made('POST', `${at}/chat/messages`, vera.as, { text: 'Good evening', key: 'first-word' })
  await made('POST', `${at}/chat/messages`, admin, { text: 'Welcome', key: 'an-answer', replyTo: said.id })

  const mine = await made<object>('GET', '/api/account/export', vera.as)
  expect(mine).toMatchObject({
    account: { email: vera.email },
    people: { follows: [{ channelId }] },
    watching: { rights: [{ scope: `channel:${channelId}`, tier: 1 }] },
    money: { memberships: [{ name: 'Friends', state: 'active' }], payments: [{ amount: 500, currency: 'EUR' }] },
    chat: { messages: [{ text: 'Good evening' }] },
    shows: [],
  })
  expect(JSON.stringify(mine)).toContain('account.registered')
  expect(JSON.stringify(mine)).not.toMatch(/argon2|secretHash|"token"/)

  await made('POST', '/api/account/delete', vera.as, { password: PASSWORD })
  const members = () =>
    made<{ members: { member: string; state: string }[] }>('GET', `${at}/members`, admin).then((all) => all.members)
  await eventually(async () => (await members())[0]?.state === 'ended')
  expect(await members()).toMatchObject([{ member: 'Deleted account' }])
  const { sales } = await made<{ sales: object[] }>('GET', `${at}/sales`, admin)
  expect(sales).toMatchObject([{ buyer: 'Deleted account', amount: 500 }])
  const chat = (await ask('GET', `${at}/chat/messages`)).text
  expect(chat).toContain('Good evening')
  for (const path of [`${at}/chat/messages`, `${at}/members`, `${at}/sales`, '/api/users', '/api/operator/audit']) {
    expect((await ask('GET', path, { as: admin })).text, path).not.toMatch(/vera/i)
  }
})
