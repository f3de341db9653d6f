/**
 * A whole node with one show on air, one planned and one over, all of the owner's first channel. The one on air was so when
 * an earlier run of the node ended: the node takes it up as paused, and no encoder is needed.
 */
import { io as connect } from 'socket.io-client'
import { expect, onTestFinished } from 'vitest'
import type { Visibility } from '../../src/access/access.ts'
import { openMigrated } from '../../src/db/migrate.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { addSession } from './access-room.ts'
import { fakeClock } from './clock.ts'
import { makeHome, OWNER, startWholeNode } from './whole-node.ts'

export const TITLE = 'A title nobody should read'

export type PausedShow = Awaited<ReturnType<typeof pausedShow>>

export async function pausedShow(logger = createLogger('silent')) {
  const home = await makeHome()
  onTestFinished(home.drop)
  await (await startWholeNode(home)).stop()
  const { database } = await openMigrated({ url: home.url, dataDir: home.dir, clock: fakeClock(), logger })
  const { db } = database
  const channel = await db.selectFrom('channel').select(['id', 'slug']).executeTakeFirstOrThrow()
  const sessionId = await addSession(db, channel.id, { title: TITLE })
  const { code } = await db.selectFrom('session').select('code').executeTakeFirstOrThrow()
  const scheduledAt = Date.now() + 86_400_000
  const plannedId = await addSession(db, channel.id, { title: TITLE, state: 'scheduled', scheduledAt })
  const overId = await addSession(db, channel.id, { title: TITLE, state: 'ended' })
  await database.close()

  const node = await startWholeNode(home, logger)
  let stop: (() => Promise<void>) | null = node.stop
  onTestFinished(() => stop?.())

  /** What the page of the channel hears by the socket as it comes in. */
  async function hear(more: object = {}, cookie = ''): Promise<string> {
    const extraHeaders: Record<string, string> = cookie === '' ? {} : { cookie }
    const socket = connect(node.at, { transports: ['websocket'], forceNew: true, extraHeaders })
    const heard: unknown[] = []
    socket.on('session', (session) => heard.push(session))
    await socket.emitWithAck('watch', { channelId: channel.id, ...more })
    socket.disconnect()
    return JSON.stringify(heard)
  }

  async function change(change: { visibility: Visibility; requiredTier?: number | null }): Promise<void> {
    for (const id of [sessionId, plannedId, overId]) {
      const { status } = await node.ask('PATCH', `/api/sessions/${id}`, { as: node.admin, body: change })
      expect(status).toBe(200)
    }
  }

  /** Ends this run of the node; the next one knows only what was written down. */
  async function startAgain() {
    await stop?.()
    const next = await startWholeNode(home)
    stop = next.stop
    return next
  }

  return {
    ...{ node, hear, change, startAgain, code, sessionId, plannedId, overId },
    ...{ channelId: channel.id, slug: channel.slug, ownerCookie: await node.cookieOf(OWNER.email) },
  }
}
