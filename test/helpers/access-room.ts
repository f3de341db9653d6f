/** The access room on a real database, with a channel, its people and a session of it. */
import { onTestFinished } from 'vitest'
import {
  type Concerned,
  createAccess,
  createInvitations,
  type Reason,
  type Viewer,
  type Viewing,
  type Visibility,
} from '../../src/access/access.ts'
import { createAuditLog } from '../../src/admin/admin.ts'
import { createChannels, createPeople } from '../../src/catalog/catalog.ts'
import type { Db } from '../../src/db/db.ts'
import { newCode, newId } from '../../src/platform/ids.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { Secret } from '../../src/platform/secret.ts'
import type { Role } from '../../src/platform/user.ts'
import { fakeClock } from './clock.ts'
import { testDatabase } from './database.ts'

export interface Asked {
  visibility?: Visibility
  state?: string
  scheduledAt?: number
  requiredTier?: number | null
  previewMinutes?: number
  freeMaxHeight?: number | null
  title?: string
}

export async function addPerson(db: Db, name: string, role: Role = 'viewer'): Promise<string> {
  const id = newId()
  const nothing = {
    image: null,
    statusReason: null,
    statusUntil: null,
    metadata: null,
    updatedBy: null,
    deletedAt: null,
  }
  const at = { createdAt: 1, updatedAt: 1 }
  await db
    .insertInto('user')
    .values({ id, name, email: `${id}@example.org`, emailVerified: 1, role, status: 'active', ...nothing, ...at })
    .execute()
  return id
}

export async function addSession(db: Db, channelId: string, asked: Asked = {}): Promise<string> {
  const id = newId()
  const settings = { visibility: 'public', isRecorded: 0, isChatOpen: 1, peakViewers: 0, maxViewers: null, version: 1 }
  const empty = { streamKeyId: null, category: null, source: null, ladder: null, note: null, metadata: null }
  const ends = { pausedAt: null, endedAt: null, endReason: null, deletedAt: null, createdBy: null, updatedBy: null }
  const text = { code: newCode(), title: 'Show', description: '', tags: '[]' }
  const asks = { scheduledAt: null, requiredTier: null, previewMinutes: 0, freeMaxHeight: null }
  const at = { startedAt: 1, createdAt: 1, updatedAt: 1 }
  await db
    .insertInto('session')
    .values({ id, channelId, state: 'live', ...at, ...settings, ...empty, ...ends, ...text, ...asks, ...asked })
    .execute()
  return id
}

interface Options {
  devices?: number
  onDeviceLimit?: 'newest' | 'refuse'
  onWithdrawn?(viewing: Viewing, reason: Reason): void
  onRights?(concerned: Concerned): void
}

export async function accessRoom({ devices = 2, onDeviceLimit = 'newest', onWithdrawn, onRights }: Options = {}) {
  const { db } = await testDatabase()
  const clock = fakeClock()
  const logger = createLogger('silent')
  const withdrawn: Reason[] = []
  const secret = new Secret('a secret of this test, long enough')

  /** A run of the node: what it holds in memory is its own, the database is the same. */
  function start() {
    const access = createAccess({
      db,
      clock,
      logger,
      secret,
      config: { devices, onDeviceLimit },
      onWithdrawn(viewing, reason) {
        withdrawn.push(reason)
        onWithdrawn?.(viewing, reason)
      },
      ...(onRights ? { onRights } : {}),
    })
    onTestFinished(() => access.stop())
    return access
  }
  const access = start()
  const auditLog = createAuditLog({ db, clock, keepAddresses: false })
  const { recordAct } = auditLog
  const channels = createChannels({ db, clock, logger, onSuspended: () => undefined, recordAct })
  const people = createPeople({ db, clock, logger, channels, onStanding: access.recheck, recordAct })
  const invitations = createInvitations({ db, clock, access, recordAct })
  const ownerId = await addPerson(db, 'Olga', 'creator')
  const owner = { id: ownerId, name: 'Olga', email: 'olga@example.org', role: 'creator' as const, emailVerified: true }
  const channel = await channels.create(owner, { name: 'Night radio' })

  return {
    ...{ db, clock, auditLog, access, start, people, invitations, withdrawn, owner, channelId: channel.id },
    person: (name: string, role?: Role) => addPerson(db, name, role),
    session: (asked?: Asked) => addSession(db, channel.id, asked),
    /** Changes what a session asks, as its owner does in mid-show. */
    async change(sessionId: string, { title: _kept, ...asked }: Asked): Promise<void> {
      await db.updateTable('session').set(asked).where('id', '=', sessionId).execute()
      await access.recheck({ sessionId })
    },
    async decide(userId: string | null, sessionId: string) {
      const target = await access.targetOf(sessionId)
      if (!target) throw new Error('no such session')
      return access.decide(viewer(userId), target)
    },
  }
}

/** Somebody with a browser of their own. */
export function viewer(userId: string | null, change: Partial<Viewer> = {}): Viewer {
  const device = (userId ?? 'guest').replaceAll('-', '').slice(-12).padEnd(12, '_')
  return { userId, deviceId: device, address: '192.0.2.1', ...change }
}
