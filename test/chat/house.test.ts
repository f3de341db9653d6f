import { expect, test } from 'vitest'
import { chatRoom } from '../helpers/chat-room.ts'

test('the house says what becomes of a show, once for each change, unless it is told not to', async () => {
  const { chat, channel, olga, shown } = await chatRoom()
  const show = { id: 's', channelId: channel.id, visibility: 'public' }
  await chat.house.tellShow('started', show)
  await chat.house.tellShow('updated', show)
  await chat.house.tellShow('updated', { ...show, visibility: 'members' })
  await chat.house.tellShow('paused', { ...show, visibility: 'members' })
  await chat.rules.change(olga, channel.id, { tellsShows: false })
  await chat.house.tellShow('resumed', { ...show, visibility: 'members' })
  await chat.rules.change(olga, channel.id, { tellsShows: true })
  await chat.house.tellShow('ended', { ...show, visibility: 'members' })
  expect(await shown()).toEqual([
    'The show has begun.',
    'The show is for members now.',
    'The show is paused.',
    'The show is over.',
  ])
})

test('a poll that ends says how, once', async () => {
  const { chat, channel, olga, person, shown } = await chatRoom()
  const { user: bert } = await person('Bert', 'viewer')
  const poll = await chat.polls.open(olga, channel.id, { question: 'Encore?', choices: ['Yes', 'No'], seconds: 60 })
  await chat.polls.vote(bert, channel.id, poll.id, 0)
  await chat.polls.end(olga, channel.id, poll.id)
  await chat.polls.end(olga, channel.id, poll.id)
  expect(await shown()).toEqual(['The poll has ended. Encore? Yes (1 of 1).'])
  expect((await chat.entrance.enter(channel.id, null)).poll).toBe(null)
})

test('a poll left open when the node went down ends at its time', async () => {
  const { chat, channel, olga, shown, clock } = await chatRoom()
  await chat.polls.open(olga, channel.id, { question: 'Encore?', choices: ['Yes', 'No'], seconds: 60 })
  chat.stop()
  clock.advance(61_000)
  await chat.start()
  await expect.poll(shown).toEqual(['The poll has ended. Encore? Nobody voted.'])
})

test('an offer of the channel is held up as a card; what is not on sale is not', async () => {
  const { chat, channel, olga, person } = await chatRoom()
  const { user: bert } = await person('Bert', 'viewer')
  expect(await chat.house.highlight(olga, channel.id, 'vip')).toMatchObject({
    kind: 'product_highlight',
    card: { is: 'offer', offerId: 'vip', amount: 900, currency: 'EUR' },
  })
  await expect(chat.house.highlight(olga, channel.id, 'gone')).rejects.toThrow('not on sale')
  await expect(chat.house.highlight(bert, channel.id, 'vip')).rejects.toThrow('Only moderators')
})

test('who joins is greeted by name, and alerted once; badges say what somebody is', async () => {
  const members = new Map([['Bert', { tier: 2, isGift: true }]])
  const names = new Map<string, string>()
  const { chat, channel, say, person, news } = await chatRoom({
    membershipOf: async (id) => members.get(names.get(id) ?? '') ?? null,
  })
  const { user: bert } = await person('Bert', 'viewer')
  names.set(bert.id, bert.name)
  await chat.overlays.greet(channel.id, bert.id, 'member')
  await chat.overlays.greet(channel.id, bert.id, 'member')
  const { messages } = await chat.entrance.enter(channel.id, null)
  expect(messages.map(({ author, text }) => `${author?.name} ${text}`)).toEqual(['Bert is a member now.'])
  expect(news.filter(({ type }) => type === 'alert')).toEqual([
    { type: 'alert', alert: { kind: 'member', name: 'Bert' } },
  ])
  expect((await say(bert, 'hello')).author?.badges).toEqual(['premium', 'gift'])
})

test('members of a tier write where the channel says so, and nobody below it', async () => {
  const tiers = new Map<string, number>()
  const { chat, channel, olga, say, person } = await chatRoom({
    membershipOf: async (id) => (tiers.has(id) ? { tier: tiers.get(id)!, isGift: false } : null),
  })
  const { user: bert } = await person('Bert', 'viewer')
  await chat.rules.change(olga, channel.id, { writers: 'members', memberTier: 2 })
  await expect(say(bert, 'hi')).rejects.toThrow('Members of this channel')
  tiers.set(bert.id, 1)
  await expect(say(bert, 'hi')).rejects.toThrow('Members of this channel')
  tiers.set(bert.id, 2)
  expect((await say(bert, 'hi')).state).toBe('shown')
})
