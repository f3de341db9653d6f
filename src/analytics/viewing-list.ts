/** The viewings of a show one by one, as they are shown to who runs the channel: what somebody was and did, not who. */
import { z } from 'zod'
import type { Db } from '../db/db.ts'
import type { Clock } from '../platform/clock.ts'
import { fromCursor, type Page, toPage } from '../platform/paging.ts'
import { pagesOf, type Record, readPage } from './records.ts'
import { saidIn } from './said.ts'
import type { Broadcast } from './session-report.ts'

export interface ListedViewing extends Record {
  messages: number
  purchases: number
}

interface Options {
  db: Db
  clock: Clock
  /** How often each account paid for the show or during it. */
  purchasesIn(session: Broadcast): Promise<ReadonlyMap<string, number>>
}

export function createViewingList({ db, clock, purchasesIn }: Options) {
  async function messagesBy(session: Broadcast): Promise<ReadonlyMap<string, number>> {
    const rows = await saidIn(db, session)
      .select((eb) => ['authorId', eb.fn.countAll<number>().as('messages')])
      .groupBy('authorId')
      .execute()
    return new Map(rows.flatMap(({ authorId, messages }) => (authorId ? [[authorId, Number(messages)]] : [])))
  }

  /** Messages and purchases belong to a person: they stand with each of the person's viewings. */
  async function completing(session: Broadcast) {
    const [messages, purchases] = [await messagesBy(session), await purchasesIn(session)]
    const of = (counts: ReadonlyMap<string, number>, userId: string | null) => (userId && counts.get(userId)) || 0
    return (row: Record): ListedViewing => ({
      ...row,
      messages: of(messages, row.userId),
      purchases: of(purchases, row.userId),
    })
  }

  async function list(session: Broadcast, { cursor, limit }: { cursor?: string | undefined; limit: number }) {
    const after = cursor ? fromCursor(z.string(), cursor) : ''
    const rows = await readPage(db, session.id, after, limit + 1, clock.now())
    const page: Page<ListedViewing> = toPage(rows.map(await completing(session)), limit, ({ id }) => id)
    return page
  }

  /** All of them, a page at a time. */
  async function* all(session: Broadcast): AsyncGenerator<ListedViewing[]> {
    const complete = await completing(session)
    for await (const page of pagesOf(db, session.id, clock.now())) yield page.map(complete)
  }

  return { list, all }
}
