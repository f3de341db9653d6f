/**
 * Free previews: so many minutes from the first look, counted per viewer. An account's counts with its device's, so that
 * a new account on the same device gains nothing; a stranger's counts by device and by address, whichever began first.
 */
import { createHmac } from 'node:crypto'
import type { Db } from '../db/db.ts'
import type { Clock } from '../platform/clock.ts'
import type { Secret } from '../platform/secret.ts'
import type { Scope } from './policy.ts'

export interface Viewer {
  userId: string | null
  /** What the browser's device cookie holds; null where there is none. */
  deviceId: string | null
  /** The network asked from; null where nobody is asking just now. */
  address: string | null
}

const KEPT_MS = 90 * 86_400_000

export type Previews = ReturnType<typeof createPreviews>

export function createPreviews({ db, clock, secret }: { db: Db; clock: Clock; secret: Secret }) {
  // An address is kept as a keyed hash: enough to know it again, nothing to read.
  const hashed = (address: string) =>
    createHmac('sha256', secret.reveal()).update(`preview\0${address}`).digest('base64url').slice(0, 22)

  function namesOf({ userId, deviceId, address }: Viewer): string[] {
    return [
      ...(deviceId === null ? [] : [`device:${deviceId}`]),
      ...(userId === null ? [] : [`user:${userId}`]),
      ...(userId === null && address !== null ? [`address:${hashed(address)}`] : []),
    ]
  }

  /** When this viewer's preview began; null when it has not. */
  async function beganAt(viewer: Viewer, scope: Scope): Promise<number | null> {
    const names = namesOf(viewer)
    if (names.length === 0) return null
    const rows = await db
      .selectFrom('preview')
      .select('beganAt')
      .where('scope', '=', scope)
      .where('viewer', 'in', names)
      .execute()
    return rows.length === 0 ? null : Math.min(...rows.map((row) => row.beganAt))
  }

  /** Begins it under every name the viewer goes by; what began earlier stands. */
  async function begin(viewer: Viewer, scope: Scope): Promise<void> {
    const began = (await beganAt(viewer, scope)) ?? clock.now()
    const rows = namesOf(viewer).map((name) => ({ scope, viewer: name, beganAt: began }))
    if (rows.length === 0) return
    await db
      .insertInto('preview')
      .values(rows)
      .onConflict((oc) => oc.columns(['scope', 'viewer']).doNothing())
      .execute()
  }

  async function forgetOld(): Promise<void> {
    await db
      .deleteFrom('preview')
      .where('beganAt', '<', clock.now() - KEPT_MS)
      .execute()
  }

  return { beganAt, begin, forgetOld }
}
