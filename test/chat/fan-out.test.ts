import { expect, onTestFinished, test } from 'vitest'
import { createFanOut, type Packet } from '../../src/chat/fan-out.ts'
import type { News } from '../../src/chat/news.ts'

const poll = (id: string): News => ({
  type: 'poll',
  poll: { id, question: '', choices: [], endsAt: '', isOpen: true },
})

test('the first goes out at once, the next wait for the tick, and what is taken away takes them along', () => {
  const sent: Packet[] = []
  const { tell, react, stop } = createFanOut({ tickMs: 3_600_000, send: (_room, packet) => sent.push(packet) })
  onTestFinished(stop)
  tell('one', 'one', poll('a'))
  expect(sent).toHaveLength(1)
  tell('one', 'one', poll('b'))
  react('one', 'one', '🔥')
  react('one', 'one', '🔥')
  expect(sent).toHaveLength(1)
  tell('one', 'one', { type: 'removed', ids: ['x'] })
  expect(sent[1]).toMatchObject({ channelId: 'one', poll: { id: 'b' }, reactions: { '🔥': 2 }, removed: ['x'] })
  tell('two', 'two', { type: 'cleared', upTo: 7 })
  expect(sent[2]).toEqual({ channelId: 'two', clearedUpTo: 7 })
})
