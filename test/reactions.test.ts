import { expect, test } from 'vitest'
import type { AccountFacts } from '../src/accounts/accounts.ts'
import type { ChatFacts } from '../src/chat/chat.ts'
import type { MoneyFacts } from '../src/commerce/commerce.ts'
import type { LiveFacts } from '../src/live/live.ts'
import { createAnnouncer } from '../src/platform/announcer.ts'
import { createLogger } from '../src/platform/logger.ts'
import { react } from '../src/reactions.ts'

test('whoever is suspended, banned or gone loses their shows, and their pages are asked who they are', async () => {
  const announcer = createAnnouncer<LiveFacts & AccountFacts & MoneyFacts & ChatFacts>(createLogger('silent'))
  const looked: string[] = []
  const still: string[] = []
  react({
    announcer,
    pages: { tellSession: async () => undefined },
    commerce: { onSessionEnded: async () => undefined, calledOff: { settled: async () => undefined } },
    programme: { announce: async () => true },
    notices: {
      addressed: async () => undefined,
      membershipChanged: async () => undefined,
      membershipEnded: async () => undefined,
    },
    bells: { askAgain: (userId) => void still.push(userId) },
    marks: { add: async () => undefined, noteVisibility: async () => undefined },
    recheckChat: async () => undefined,
    chat: {
      house: { tellShow: async () => undefined },
      paid: { settled: async () => undefined },
      overlays: { greet: async () => undefined },
    },
    endShowsOfInactive: async (userId) => void looked.push(userId),
  })
  announcer.announce('person.status_changed', { userId: 'anna' })
  announcer.announce('person.deleted', { userId: 'bo' })
  await new Promise(setImmediate)
  expect(looked).toEqual(['anna', 'bo'])
  expect(still).toEqual(['anna', 'bo'])
})
