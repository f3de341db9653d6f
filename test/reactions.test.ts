import { expect, test } from 'vitest'
import type { AccountFacts } from '../src/accounts/accounts.ts'
import type { LiveFacts } from '../src/live/live.ts'
import { createAnnouncer } from '../src/platform/announcer.ts'
import { createLogger } from '../src/platform/logger.ts'
import { react } from '../src/reactions.ts'

test('whoever is suspended, banned or gone is looked at for shows to end', () => {
  const announcer = createAnnouncer<LiveFacts & AccountFacts>(createLogger('silent'))
  const looked: string[] = []
  react({
    announcer,
    pages: { tellSession: () => undefined },
    endShowsOfInactive: async (userId) => void looked.push(userId),
  })
  announcer.announce('person.status_changed', { userId: 'anna' })
  announcer.announce('person.deleted', { userId: 'bo' })
  announcer.announce('sign_ins.ended', { userId: 'carl' })
  expect(looked).toEqual(['anna', 'bo'])
})
