import { expect, test } from 'vitest'
import { chatRoom } from '../helpers/chat-room.ts'

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: { code?: string }) => error.code ?? String(error),
  )

async function payingRoom() {
  const room = await chatRoom()
  const { user: bert } = await room.person('Bert', 'viewer')
  const begin = (text: string, amount: number) =>
    room.chat.paid.begin(bert, room.channel.id, { text, amount, returnTo: '/' }, '192.0.2.1')
  const newest = async () => (await room.chat.entrance.enter(room.channel.id, null)).messages.at(-1)
  return { ...room, bert, begin, newest }
}

test('a paid message is said when it is paid, once, and stands out the longer the more was paid', async () => {
  const { chat, begin, newest, shown, clock } = await payingRoom()
  const { orderId } = await begin('for the band', 1_000)
  expect(await shown()).toEqual([])
  await Promise.all([chat.paid.settled(orderId, 'paid'), chat.paid.settled(orderId, 'paid')])
  expect(await shown()).toEqual(['for the band'])
  const until = new Date(clock.now() + 10 * 60_000).toISOString()
  expect(await newest()).toMatchObject({ kind: 'paid', card: { is: 'paid', amount: 1_000, currency: 'EUR', until } })
  const small = await begin('a coin', 100)
  await chat.paid.settled(small.orderId, 'paid')
  expect((await newest())?.card).toMatchObject({ until: new Date(clock.now() + 60_000).toISOString() })
})

test('one that had to wait stands out for as long as was paid, from when it is shown', async () => {
  const { chat, channel, olga, begin, newest, news, shown, clock } = await payingRoom()
  await chat.rules.change(olga, channel.id, { heldWords: ['band'] })
  const { orderId } = await begin('for the band', 100)
  await chat.paid.settled(orderId, 'paid')
  expect(await shown()).toEqual([])
  clock.advance(5 * 60_000)
  const [held] = news.flatMap((one) => (one.type === 'held' ? [one.message] : []))
  await chat.moderation.decide(olga, channel.id, held!.id, true)
  expect((await newest())?.card).toMatchObject({ until: new Date(clock.now() + 60_000).toISOString() })
})

test('given back, it stands out no more and stays what was said', async () => {
  const { chat, channel, olga, begin, newest, news } = await payingRoom()
  const { orderId } = await begin('for the band', 500)
  await chat.paid.settled(orderId, 'paid')
  await chat.paid.settled(orderId, 'refunded')
  expect(await newest()).toMatchObject({ kind: 'chat', card: null, text: 'for the band' })
  expect(news.some((one) => one.type === 'restored' && one.messages[0]?.card === null)).toBe(true)
  expect((await chat.paid.list(olga, channel.id, { limit: 10 })).items).toMatchObject([
    { by: 'Bert', text: 'for the band', amount: 500, state: 'refunded' },
  ])
})

test('the words are judged before anybody pays, and money buys nobody in', async () => {
  const { chat, channel, olga, bert, begin, till } = await payingRoom()
  expect(await code(begin('too little', 99))).toBe('too_little')
  await chat.rules.change(olga, channel.id, { refusedWords: ['darn'] })
  expect(await code(begin('darn', 500))).toBe('word_refused')
  expect(till.states.size).toBe(0)
  expect(await code(chat.paid.list(bert, channel.id, { limit: 10 }))).toBe('moderators_only')
  await chat.paid.setTerms(olga, channel.id, null)
  expect(await code(begin('hello', 500))).toBe('no_paid_messages')
  await chat.sanctions.impose(olga, channel.id, { userId: bert.id, seconds: 60, reason: '', removesMessages: false })
  await chat.paid.setTerms(olga, channel.id, { least: 200, currency: 'EUR' })
  expect(await code(begin('let me in', 500))).toBe('timed_out')
})

test('what was paid while the node was down is said when it comes up', async () => {
  const { chat, begin, shown, till } = await payingRoom()
  const [paid, left] = [await begin('heard', 100), await begin('never paid', 100)]
  till.states.set(paid.orderId, 'paid').set(left.orderId, 'expired')
  await chat.start()
  expect(await shown()).toEqual(['heard'])
})

test('the goal counts what was paid since it was set, and what was given back no more', async () => {
  const { chat, channel, olga, begin, news, clock } = await payingRoom()
  const since = new Date(clock.now()).toISOString()
  const goal = { what: 'paid' as const, title: 'New strings', target: 5_000, currency: 'EUR', since }
  await chat.rules.change(olga, channel.id, { goal })
  const reached = () => news.flatMap((one) => (one.type === 'goal' ? [one.goal?.reached] : [])).at(-1)
  expect(reached()).toBe(0)
  const { orderId } = await begin('for strings', 1_500)
  await chat.paid.settled(orderId, 'paid')
  expect(reached()).toBe(1_500)
  await chat.paid.settled(orderId, 'refunded')
  expect(reached()).toBe(0)
})
