import type { Db } from '../db/db.ts'
import { newId } from '../platform/ids.ts'
import { createSeal } from '../platform/seal.ts'
import type { Secret } from '../platform/secret.ts'
import { createSettings } from './settings.ts'
import { createStripe } from './stripe.ts'

interface Options extends Omit<Parameters<typeof createStripe>[0], 'nodeId' | 'settings'> {
  db: Db
  /** Seals what Stripe signs with. */
  secret: Secret
}

/** Stripe for this node: the mark on everything of ours is made once and kept, so it outlives a change of address. */
export async function createStripeMoney({ db, secret, ...options }: Options) {
  const settings = createSettings(db, createSeal(secret))
  const nodeId = await settings.getOrMake('node_id', newId)
  return createStripe({ ...options, nodeId, settings })
}
