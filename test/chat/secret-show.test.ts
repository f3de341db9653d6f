import { expect, test } from 'vitest'
import { chatRoom, type Show } from '../helpers/chat-room.ts'

/** A show of Olga's that is in no list, with Gina as its guest. */
async function secretShow() {
  const guests = new Set<string | null>()
  const show: Show = { sessionId: 'a secret', guests, isSecret: true }
  const room = await chatRoom({}, show)
  const { user: gina } = await room.person('Gina', 'viewer')
  const { user: bert } = await room.person('Bert', 'viewer')
  guests.add(room.olga.id).add(gina.id)
  return { ...room, show, gina, bert }
}

test('to a stranger a channel with a secret show is a channel with nothing on', async () => {
  const { chat, channel, show, say, gina, bert } = await secretShow()
  await say(gina, 'we are among ourselves')
  const during = await chat.entrance.enter(channel.id, bert)
  expect(during.messages).toEqual([])
  expect((await chat.entrance.enter(channel.id, gina)).messages).toHaveLength(1)
  delete show.sessionId
  expect(await chat.entrance.enter(channel.id, bert)).toEqual(during)
})

test('what a stranger writes meanwhile belongs to no show, and everybody reads it', async () => {
  const { chat, channel, say, gina, bert } = await secretShow()
  expect((await say(bert, 'anybody here?')).sessionId).toBe(null)
  expect((await chat.entrance.enter(channel.id, gina)).messages.map(({ text }) => text)).toEqual(['anybody here?'])
})

test('a moderator of the node judges nothing that was said in a show which is not theirs to see', async () => {
  const { chat, channel, olga, person, say, gina } = await secretShow()
  const { user: mod } = await person('Mo', 'moderator')
  await chat.rules.change(olga, channel.id, { holdsAll: true })
  const held = await say(gina, 'a private word')
  expect(await chat.moderation.listHeld(mod, channel.id)).toEqual([])
  expect((await chat.moderation.listHeld(olga, channel.id)).map(({ id }) => id)).toEqual([held.id])
  await expect(chat.moderation.decide(mod, channel.id, held.id, true)).rejects.toThrow('no such message')
  await chat.moderation.decide(olga, channel.id, held.id, true)
  await expect(chat.moderation.remove(mod, channel.id, held.id, '')).rejects.toThrow('no such message')
})

test('a poll in it is for those inside', async () => {
  const { chat, channel, olga, gina, bert } = await secretShow()
  const poll = await chat.polls.open(olga, channel.id, { question: 'Encore?', choices: ['Yes', 'No'], seconds: 60 })
  expect((await chat.entrance.enter(channel.id, bert)).poll).toBe(null)
  await expect(chat.polls.vote(bert, channel.id, poll.id, 0)).rejects.toThrow('no such poll')
  expect((await chat.polls.vote(gina, channel.id, poll.id, 0)).choices[0]?.votes).toBe(1)
  chat.stop()
})
