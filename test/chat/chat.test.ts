import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Message } from '../../src/chat/message-view.ts'
import { chatRoom } from '../helpers/chat-room.ts'

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: { code?: string }) => error.code ?? String(error),
  )

test('what is said is seen by who comes in later, in the order it was said; older pages lie behind', async () => {
  const { chat, channel, olga, say } = await chatRoom()
  for (let i = 1; i <= 120; i++) await say(olga, `line ${i}`)
  const seen = await chat.entrance.enter(channel.slug, null)
  expect(seen.messages.map(({ text }) => text)).toEqual(Array.from({ length: 100 }, (_, i) => `line ${i + 21}`))
  expect(seen.messages[0]?.author).toEqual({ id: olga.id, name: 'Olga', badges: ['owner'] })
  const older = await chat.entrance.history(channel.id, null, seen.messages[0]!.position, 100)
  expect(older.map(({ text }) => text)).toEqual(Array.from({ length: 20 }, (_, i) => `line ${i + 1}`))
})

test('the same message sent twice is one', async () => {
  const { olga, say, shown, news } = await chatRoom()
  const [first, second] = await Promise.all([
    say(olga, 'hello', { key: 'attempt-1' }),
    say(olga, 'hello', { key: 'attempt-1' }),
  ])
  expect(second.id).toBe(first.id)
  expect((await say(olga, 'hello', { key: 'attempt-1' })).id).toBe(first.id)
  expect(await shown()).toEqual(['hello'])
  expect(news).toHaveLength(1)
})

test('texts are one tidy line of bounded length', async () => {
  const { olga, say } = await chatRoom()
  expect((await say(olga, ' two\n\nlines\u202e ')).text).toBe('two lines')
  expect(await code(say(olga, ' \n '))).toBe('bad_length')
  expect(await code(say(olga, 'x'.repeat(501)))).toBe('bad_length')
  expect(await code(say(olga, 'x'.repeat(500)))).toBe('done')
})

test('a reply quotes what it answers, as long as that is there', async () => {
  const { chat, channel, olga, say } = await chatRoom()
  const first = await say(olga, 'who is there?')
  expect((await say(olga, 'me', { replyTo: first.id })).reply).toEqual({
    id: first.id,
    name: 'Olga',
    text: 'who is there?',
  })
  await chat.moderation.remove(olga, channel.id, first.id, '')
  expect(await code(say(olga, 'me too', { replyTo: first.id }))).toBe('no_such_message')
})

/** A page: what it has, and how it takes up what it is given. */
function createPage() {
  let held: Message[] = []
  return {
    take(messages: Message[], removed: string[] = []) {
      const byId = new Map([...held, ...messages].map((message) => [message.id, message]))
      for (const id of removed) byId.delete(id)
      held = [...byId.values()].sort((a, b) => a.position! - b.position!)
    },
    forget: () => {
      held = []
    },
    last: () => held.at(-1)?.position ?? null,
    texts: () => held.map(({ text }) => text),
  }
}

test('however often a line breaks and whatever is taken away meanwhile, every page ends with the same chat', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          act: fc.constantFrom('say', 'say', 'say', 'say twice', 'remove', 'undo', 'drop', 'return'),
          who: fc.nat(2),
        }),
        { maxLength: 40 },
      ),
      async (steps) => {
        const { chat, channel, olga, say, news, clock } = await chatRoom()
        const pages = [createPage(), createPage(), createPage()]
        const isAway = [false, false, false]
        let heard = 0
        const acts: string[] = []
        const deliver = () => {
          for (const one of news.slice(heard)) {
            for (const [i, page] of pages.entries()) {
              if (isAway[i]) continue
              if (one.type === 'shown') page.take([one.message])
              if (one.type === 'restored') page.take(one.messages)
              if (one.type === 'removed') page.take([], one.ids)
            }
          }
          heard = news.length
        }
        const comeBack = async (i: number) => {
          deliver()
          isAway[i] = false
          const seen = await chat.entrance.enter(channel.id, null, pages[i]!.last())
          if (!seen.isAddition) pages[i]!.forget()
          pages[i]!.take(seen.messages, seen.removed)
        }
        let n = 0
        for (const { act, who } of steps) {
          clock.advance(700)
          if (act === 'say') await Promise.all([say(olga, `s${++n}`), say(olga, `s${++n}`)])
          if (act === 'say twice') await Promise.all([1, 2].map(() => say(olga, `t${n}`, { key: `the key ${n}` })))
          const there = await chat.entrance.history(channel.id, null, null, 100)
          if (act === 'remove' && there[who])
            acts.push(await chat.moderation.remove(olga, channel.id, there[who].id, ''))
          if (act === 'undo' && acts.length > 0) await chat.moderation.undo(olga, channel.id, acts.pop()!)
          deliver()
          if (act === 'drop') isAway[who] = true
          if (act === 'return') await comeBack(who)
        }
        for (const i of pages.keys()) await comeBack(i)
        const truth = (await chat.entrance.history(channel.id, null, null, 100)).map(({ text }) => text)
        for (const page of pages) expect(page.texts()).toEqual(truth)
        expect(new Set(truth).size).toBe(truth.length)
      },
    ),
    { numRuns: 8 },
  )
}, 60_000)

test('who may write is the channel’s choice, of what this node knows of people', async () => {
  const verified = new Set<string>()
  const since = new Map<string, number>()
  const { chat, channel, olga, say, person, clock } = await chatRoom({
    isVerified: async (id) => verified.has(id),
    followsSince: async (id) => since.get(id) ?? null,
  })
  const { user: bert } = await person('Bert', 'viewer')
  const set = (change: object) => chat.rules.change(olga, channel.id, change)
  expect(await code(set({ writers: 'members' }))).toBe('not_on_offer')
  await set({ writers: 'verified' })
  expect(await code(say(bert, 'hi'))).toBe('verified_only')
  verified.add(bert.id)
  expect(await code(say(bert, 'hi'))).toBe('done')
  await set({ writers: 'followers', followedMinutes: 10 })
  expect(await code(say(bert, 'hi'))).toBe('followers_only')
  since.set(bert.id, clock.now())
  clock.advance(9 * 60_000)
  expect(await code(say(bert, 'hi'))).toBe('followers_only')
  clock.advance(60_000)
  expect(await code(say(bert, 'hi'))).toBe('done')
  await set({ isOpen: false })
  expect(await code(say(bert, 'hi'))).toBe('chat_closed')
  expect(await code(say(olga, 'I keep this chat'))).toBe('done')
  expect(await code(chat.rules.change(bert, channel.id, { isOpen: true }))).toBe('moderators_only')
})

test('in slow mode each waits, also with two tabs; what was refused costs nothing', async () => {
  const { chat, channel, olga, say, person, clock } = await chatRoom()
  const { user: bert } = await person('Bert', 'viewer')
  await chat.rules.change(olga, channel.id, { slowSeconds: 30, areLinksAllowed: false, refusedWords: ['darn'] })
  expect(await code(say(bert, 'see example.com'))).toBe('no_links')
  expect(await code(say(bert, 'd a r n'))).toBe('word_refused')
  expect((await Promise.all([code(say(bert, 'one')), code(say(bert, 'two'))])).sort()).toEqual(['done', 'slow_mode'])
  clock.advance(29_999)
  expect(await code(say(bert, 'three'))).toBe('slow_mode')
  clock.advance(1)
  expect(await code(say(bert, 'three'))).toBe('done')
  expect(await code(say(olga, 'example.com'))).toBe('done')
})
