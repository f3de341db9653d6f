import { expect, test } from 'vitest'
import type { AccountFacts } from '../src/accounts/accounts.ts'
import type { MoneyFacts } from '../src/commerce/commerce.ts'
import type { LiveFacts } from '../src/live/live.ts'
import { createAnnouncer } from '../src/platform/announcer.ts'
import { createLogger } from '../src/platform/logger.ts'
import { react } from '../src/reactions.ts'

test('whoever is suspended, banned or gone loses their shows', async () => {
  const announcer = createAnnouncer<LiveFacts & AccountFacts & MoneyFacts>(createLogger('silent'))
  const looked: string[] = []
  react({
    announcer,
    pages: { tellSession: async () => undefined },
    commerce: { onSessionEnded: async () => undefined },
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
})
