/** The programme and notices rooms on a real database, with a creator's channel, money to buy tickets with, and people. */
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createCovers } from '../../src/live/covers.ts'
import { createPictures } from '../../src/live/pictures.ts'
import { LATE_MS } from '../../src/live/planned.ts'
import { createSessions } from '../../src/live/sessions.ts'
import { createThumbnails } from '../../src/live/thumbnails.ts'
import { createNotices, type Notice, type NoticesOptions } from '../../src/notices/notices.ts'
import { DomainError } from '../../src/platform/errors.ts'
import { createLogger } from '../../src/platform/logger.ts'
import type { Mail } from '../../src/platform/mailer.ts'
import { Secret } from '../../src/platform/secret.ts'
import type { User } from '../../src/platform/user.ts'
import { createProgramme } from '../../src/programme/programme.ts'
import { createDiskStorage } from '../../src/storage/storage.ts'
import { fakeClock } from './clock.ts'
import { moneyRoom } from './money.ts'

export const PUBLIC_URL = 'https://footlight.test'
const noStills = () => Promise.reject(new Error('nothing is on air here'))

interface Options extends Partial<Pick<NoticesOptions, 'mailer' | 'push' | 'isPushAddress'>> {
  now?: string
}

export async function programmeRoom({ now = '2026-11-20T12:00:00Z', ...options }: Options = {}) {
  const room = await moneyRoom({ clock: fakeClock(now) })
  const { db, clock, jobs, commerce, access, creator, channelId } = room
  const logger = createLogger('silent')
  const mails: Mail[] = []
  const bell: Notice[] = []
  const notices = createNotices({
    db,
    clock,
    logger,
    jobs,
    publicUrl: PUBLIC_URL,
    mailer: {
      async send(mail) {
        mails.push(mail)
        return 'sent'
      },
    },
    secret: new Secret('a secret of these tests, long enough to seal with'),
    push: { secret: new Secret(Buffer.alloc(32, 7).toString('base64url')), agent: new Agent() },
    isPushAddress: () => true,
    mayRead: async () => true,
    ...options,
  })
  notices.listen((notice) => bell.push(notice))
  const ownChannel = async (actor: User, id: string) => {
    if (actor.id === creator.id) return id
    throw new DomainError('forbidden', 'not_your_channel', 'Only the owner of this channel may do this.')
  }
  const sessions = createSessions({ db, clock, ownChannel, recordAct: async () => undefined })
  await db.deleteFrom('session').where('id', '=', room.sessionId).execute()
  const root = mkdtempSync(join(tmpdir(), 'programme-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const storage = createDiskStorage(root)
  const thumbnails = createThumbnails({
    ...{ storage, clock, logger, windowMs: 60_000, isKept: () => true },
    transcode: { grabThumbnails: noStills, makeSheet: noStills, makePreview: noStills },
  })
  const covers = createCovers({ sessions, thumbnails, pictures: createPictures({ storage }) })
  const programme = createProgramme({
    ...{ db, clock, logger, jobs, notices, ownChannel },
    publicUrl: PUBLIC_URL,
    lateMs: LATE_MS,
    mayKnow: access.mayKnow,
    planAll: async (by, channel, shows, also) => void (await sessions.planAll(by, channel, shows, also)),
    // As the conductor does it, and reactions.ts.
    async update(actor, id, change) {
      await sessions.update(actor, id, change)
      if (change.scheduledAt !== undefined) await programme.announce('moved', id)
    },
    async cancel(actor, id, reason, also) {
      await sessions.cancel(actor, id, reason, also)
      await programme.announce('off', id)
    },
    setPicture: covers.setOf,
    markMissed: async () => void (await sessions.markMissed()),
    owed: commerce.calledOff.owed,
    payBack: commerce.calledOff.order,
  })
  Object.assign(room.doers, notices.doers, programme.doers)
  const plan = (show: Partial<Parameters<typeof programme.plan>[2]> = {}) =>
    programme.plan(creator, channelId, {
      ...{ title: 'Bread', startsAt: '2026-11-23T15:00', timeZone: 'Europe/Berlin', repeat: null, ...show },
    })
  const planned = async () => (await programme.list(creator, { channelId, limit: 100 })).items

  return { ...room, sessions, covers, notices, programme, mails, bell, plan, planned }
}
