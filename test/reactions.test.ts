import { expect, test } from 'vitest'
import type { AccountFacts } from '../src/accounts/accounts.ts'
import type { ChatFacts } from '../src/chat/chat.ts'
import type { MoneyFacts } from '../src/commerce/commerce.ts'
import type { LiveFacts } from '../src/live/live.ts'
import { createAnnouncer } from '../src/platform/announcer.ts'
import { createLogger } from '../src/platform/logger.ts'
import { react } from '../src/reactions.ts'

test('whoever is suspended, banned, gone or signed out loses their shows and what they watch', async () => {
  const announcer = createAnnouncer<LiveFacts & AccountFacts & MoneyFacts & ChatFacts>(createLogger('silent'))
  const looked: string[] = []
  const did: string[] = []
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
    bells: { forget: (userId) => void did.push(`bells of ${userId} are still`) },
    access: {
      endSignIns: async (userId) => void did.push(`sign-ins of ${userId} end`),
      recheck: async ({ userId }) => void did.push(`rights of ${userId}`),
    },
    recheckChat: async () => undefined,
    endShowsOfInactive: async (userId) => void looked.push(userId),
  })
  announcer.announce('person.status_changed', { userId: 'anna' })
  announcer.announce('person.deleted', { userId: 'bo' })
  announcer.announce('sign_ins.ended', { userId: 'carl' })
  await new Promise(setImmediate)
  expect(looked).toEqual(['anna', 'bo'])
  expect(did.filter((what) => !what.startsWith('bells'))).toEqual([
    'rights of anna',
    'rights of bo',
    'sign-ins of carl end',
    'rights of carl',
  ])
  expect(did.filter((what) => what.startsWith('bells'))).toHaveLength(3)
})
