import { expect, test } from 'vitest'
import { chatRoom } from '../helpers/chat-room.ts'

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: { code?: string }) => error.code ?? String(error),
  )
const FOR_GOOD = { seconds: null, reason: 'spam', removesMessages: true }

test('a held message is seen by nobody until a moderator shows it, at the place of that moment', async () => {
  const { chat, channel, olga, say, shown, person, news } = await chatRoom()
  const { user: bert } = await person('Bert', 'viewer')
  await chat.rules.change(olga, channel.id, { heldWords: ['secret*'] })
  const held = await say(bert, 'the secrets of the house')
  expect(held).toMatchObject({ state: 'held', position: null })
  await say(bert, 'meanwhile')
  expect(await shown()).toEqual(['meanwhile'])
  expect(news.some((one) => one.type === 'held' && one.message.heldReason === 'word: secret*')).toBe(true)
  expect(await code(chat.moderation.decide(bert, channel.id, held.id, true))).toBe('moderators_only')
  await chat.moderation.decide(olga, channel.id, held.id, true)
  expect(await shown()).toEqual(['meanwhile', 'the secrets of the house'])
  expect(await code(chat.moderation.decide(olga, channel.id, held.id, false))).toBe('decided_already')
})

test('a refused one is kept for the log, and comes back to the held by undoing', async () => {
  const { chat, channel, olga, say, shown, person } = await chatRoom()
  const { user: bert } = await person('Bert', 'viewer')
  await chat.rules.change(olga, channel.id, { holdsFirst: true })
  const first = await say(bert, 'my first')
  const actId = await chat.moderation.decide(olga, channel.id, first.id, false)
  expect(await chat.moderation.listHeld(olga, channel.id)).toEqual([])
  await chat.moderation.undo(olga, channel.id, actId)
  expect((await chat.moderation.listHeld(olga, channel.id)).map(({ id }) => id)).toEqual([first.id])
  await chat.moderation.decide(olga, channel.id, first.id, true)
  expect((await say(bert, 'my second')).state).toBe('shown')
  expect(await shown()).toEqual(['my first', 'my second'])
})

test('a timeout ends by itself, a ban does not; undoing ends it and brings the messages back', async () => {
  const { chat, channel, olga, say, shown, person, clock } = await chatRoom()
  const { user: bert } = await person('Bert', 'viewer')
  await say(bert, 'one')
  await say(olga, 'two')
  await chat.sanctions.impose(olga, channel.id, {
    ...FOR_GOOD,
    userId: bert.id,
    seconds: 60,
    removesMessages: false,
  })
  expect(await code(say(bert, 'three'))).toBe('timed_out')
  clock.advance(60_000)
  expect(await code(say(bert, 'three'))).toBe('done')
  const actId = await chat.sanctions.impose(olga, channel.id, { ...FOR_GOOD, userId: bert.id })
  expect(await shown()).toEqual(['two'])
  expect(await code(say(bert, 'four'))).toBe('banned')
  clock.advance(1e10)
  expect(await code(say(bert, 'four'))).toBe('banned')
  await chat.moderation.undo(olga, channel.id, actId)
  expect(await shown()).toEqual(['one', 'two', 'three'])
  expect(await code(say(bert, 'four'))).toBe('done')
  expect(await code(chat.moderation.undo(olga, channel.id, actId))).toBe('nothing_to_undo')
})

test('who was banned and writes under another name from the same place is held', async () => {
  const { chat, channel, olga, say, person } = await chatRoom()
  const { user: bert } = await person('Bert', 'viewer')
  const { user: bertha } = await person('Bertha', 'viewer')
  const { user: cora } = await person('Cora', 'viewer')
  await say(bert, 'spam', { from: '198.51.100.7' })
  await chat.sanctions.impose(olga, channel.id, { ...FOR_GOOD, userId: bert.id })
  expect((await say(bertha, 'hello', { from: '198.51.100.7' })).state).toBe('held')
  expect((await say(cora, 'hello', { from: '198.51.100.8' })).state).toBe('shown')
})

test('moderators keep those below them, not each other and not the owner', async () => {
  const { chat, channel, olga, say, person, clock, people, changed } = await chatRoom()
  const { user: mia } = await person('Mia', 'viewer')
  const { user: max } = await person('Max', 'viewer')
  const { user: bert } = await person('Bert', 'viewer')
  const { user: ada } = await person('Ada', 'admin')
  const ban = (by: typeof olga, userId: string) => code(chat.sanctions.impose(by, channel.id, { ...FOR_GOOD, userId }))
  expect(await code(chat.keepers.appoint(mia, channel.id, mia.id))).toBe('moderators_only')
  await chat.keepers.appoint(olga, channel.id, mia.id)
  await chat.keepers.appoint(olga, channel.id, max.id)
  expect(await code(chat.keepers.appoint(mia, channel.id, bert.id))).toBe('not_your_channel')
  expect((await say(mia, 'I keep this')).author?.badges).toEqual(['moderator'])
  expect(await ban(mia, max.id)).toBe('not_below_you')
  expect(await ban(mia, olga.id)).toBe('not_below_you')
  expect(await ban(olga, ada.id)).toBe('not_below_you')
  expect(await ban(bert, mia.id)).toBe('moderators_only')
  expect(await ban(mia, 'nobody')).toBe('no_such_user')
  const word = await say(olga, 'the owner says')
  expect(await code(chat.moderation.remove(mia, channel.id, word.id, ''))).toBe('not_below_you')
  clock.advance(1)
  expect(await ban(ada, bert.id)).toBe('done')
  expect(await people.isBanned(channel.id, bert.id)).toBe(true)
  expect(changed.at(-1)).toEqual({ userId: bert.id, channelId: channel.id })
  expect(await code(say(bert, 'hi'))).toBe('banned')
  await chat.keepers.dismiss(olga, channel.id, mia.id)
  expect(await ban(mia, bert.id)).toBe('moderators_only')
})

test('clearing empties the screens and can be undone; the log says who did what and why', async () => {
  const { chat, channel, olga, say, shown } = await chatRoom()
  const first = await say(olga, 'one')
  const removed = await chat.moderation.remove(olga, channel.id, first.id, 'off topic')
  await say(olga, 'two')
  const cleared = await chat.moderation.clear(olga, channel.id, 'a raid')
  expect(await shown()).toEqual([])
  await chat.moderation.undo(olga, channel.id, cleared)
  expect(await shown()).toEqual(['two'])
  const { items } = await chat.moderation.log(olga, channel.id, { limit: 10 })
  expect(items.map(({ action, reason, actorName }) => [action, reason, actorName])).toEqual([
    ['undo', cleared, 'Olga'],
    ['clear', 'a raid', 'Olga'],
    ['delete', 'off topic', 'Olga'],
  ])
  expect(items.find(({ id }) => id === removed)?.messageId).toBe(first.id)
})

test('each flag counts once for a person; notes stay among moderators; a pin lasts while its message is shown', async () => {
  const { chat, channel, olga, say, person, news } = await chatRoom()
  const { user: bert } = await person('Bert', 'viewer')
  const message = await say(bert, 'buy this')
  await chat.moderation.flag(bert, channel.id, message.id, 'spam')
  await chat.moderation.flag(bert, channel.id, message.id, 'spam')
  await chat.moderation.flag(olga, channel.id, message.id, '')
  expect(news.flatMap((one) => (one.type === 'flagged' ? [one.message.flags] : []))).toEqual([1, 1, 2])
  await chat.notes.add(olga, channel.id, bert.id, 'sells things')
  expect((await chat.notes.list(olga, channel.id, bert.id)).map(({ text, by }) => [text, by])).toEqual([
    ['sells things', 'Olga'],
  ])
  expect(await code(chat.notes.list(bert, channel.id, bert.id))).toBe('moderators_only')
  await chat.moderation.pin(olga, channel.id, message.id)
  expect((await chat.entrance.enter(channel.id, null)).pinned?.text).toBe('buy this')
  await chat.moderation.remove(olga, channel.id, message.id, '')
  expect((await chat.entrance.enter(channel.id, null)).pinned).toBe(null)
})

test('a poll takes one vote of each account until it ends', async () => {
  const { chat, channel, olga, person, clock } = await chatRoom()
  const { user: bert } = await person('Bert', 'viewer')
  const poll = { question: 'Encore?', choices: ['yes', 'no'], seconds: 60 }
  const { id } = await chat.polls.open(olga, channel.id, poll)
  expect(await code(chat.polls.open(olga, channel.id, poll))).toBe('poll_open')
  const votes = await Promise.all([0, 1, 0].map((choice) => code(chat.polls.vote(bert, channel.id, id, choice))))
  expect(votes.sort()).toEqual(['done', 'voted_already', 'voted_already'])
  expect(await code(chat.polls.vote(olga, channel.id, id, 2))).toBe('no_such_choice')
  const after = await chat.polls.vote(olga, channel.id, id, 1)
  expect(after.choices.reduce((sum, { votes }) => sum + votes, 0)).toBe(2)
  clock.advance(60_000)
  expect((await chat.entrance.enter(channel.id, null)).poll).toBe(null)
  const late = await person('Late', 'viewer')
  expect(await code(chat.polls.vote(late.user, channel.id, id, 0))).toBe('poll_ended')
  expect((await chat.polls.open(olga, channel.id, poll)).choices[0]?.votes).toBe(0)
})

test('who is not let in to what is on, or is banned, neither votes nor flags', async () => {
  const guests = new Set<string | null>()
  const { chat, channel, olga, person, say } = await chatRoom({}, { sessionId: 'a show', guests })
  guests.add(olga.id)
  const { user: bert } = await person('Bert', 'viewer')
  const message = await say(olga, 'among us')
  const { id } = await chat.polls.open(olga, channel.id, { question: 'Encore?', choices: ['yes', 'no'], seconds: 60 })
  expect(await code(chat.polls.vote(bert, channel.id, id, 0))).toBe('not_for_you')
  expect(await code(chat.moderation.flag(bert, channel.id, message.id, 'spam'))).toBe('not_for_you')
  guests.add(bert.id)
  expect(await code(chat.moderation.flag(bert, channel.id, message.id, 'spam'))).toBe('done')
  await chat.sanctions.impose(olga, channel.id, {
    userId: bert.id,
    seconds: null,
    reason: '',
    removesMessages: false,
  })
  expect(await code(chat.polls.vote(bert, channel.id, id, 0))).toBe('banned')
  expect(await code(chat.moderation.flag(bert, channel.id, message.id, 'spam'))).toBe('banned')
})
