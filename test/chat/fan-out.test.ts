import { expect, onTestFinished, test } from 'vitest'
import type { News } from '../../src/chat/chat.ts'
import { createFanOut, type Packet } from '../../src/chat/fan-out.ts'

const poll = (id: string): News => ({
  type: 'poll',
  poll: { id, question: '', choices: [], endsAt: '', isOpen: true },
})

test('the first goes out at once, the next wait for the tick, and what is taken away takes them along', () => {
  const sent: Packet[] = []
  const { tell, react, stop } = createFanOut({ tickMs: 3_600_000, send: (packet) => sent.push(packet) })
  onTestFinished(stop)
  tell('one', poll('a'))
  expect(sent).toHaveLength(1)
  tell('one', poll('b'))
  react('one', '🔥')
  react('one', '🔥')
  expect(sent).toHaveLength(1)
  tell('one', { type: 'removed', ids: ['x'] })
  expect(sent[1]).toMatchObject({ channelId: 'one', poll: { id: 'b' }, reactions: { '🔥': 2 }, removed: ['x'] })
  tell('two', { type: 'cleared', upTo: 7 })
  expect(sent[2]).toEqual({ channelId: 'two', clearedUpTo: 7 })
})
