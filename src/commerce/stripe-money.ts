import type { Db } from '../db/db.ts'
import { newId } from '../platform/ids.ts'
import { createSettings } from './settings.ts'
import { createStripe } from './stripe.ts'

type Options = Omit<Parameters<typeof createStripe>[0], 'nodeId' | 'settings'> & { db: Db }

/** Stripe for this node: the mark on everything of ours is made once and kept, so it outlives a change of address. */
export async function createStripeMoney({ db, ...options }: Options) {
  const settings = createSettings(db)
  const nodeId = await settings.getOrMake('node_id', newId)
  return createStripe({ ...options, nodeId, settings })
}
