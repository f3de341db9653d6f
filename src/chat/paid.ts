/**
 * Messages somebody paid to have stand out. The words are checked and kept first, the money goes its own way (`till`), and
 * the message is said when the order is settled as paid; given back, it stands out no more.
 */
import type { Selectable } from 'kysely'
import { z } from 'zod'
import type { ChatPaidTable } from '../db/schema.ts'
import { DomainError } from '../platform/errors.ts'
import { fromCursor, toPage } from '../platform/paging.ts'
import type { User } from '../platform/user.ts'
import type { ChatDeps, Knows } from './chat.ts'
import type { Keepers } from './keepers.ts'
import { type Card, type Message, plainOf } from './message-view.ts'
import type { Messages } from './messages.ts'
import type { Tell } from './news.ts'
import type { Checked, Wish } from './writing.ts'

export const TermsView = z.object({
  offerId: z.string(),
  least: z.int().describe('The least that may be paid, in minor units.'),
  currency: z.string(),
  digits: z.int(),
  isTest: z.boolean().describe('Nothing here costs real money: say so beside the price.'),
})
export type Terms = z.infer<typeof TermsView>

/** Where the money is taken. */
export interface Till {
  /** Null where this channel takes no paid messages. */
  termsOf(channelId: string): Promise<Terms | null>
  begin(buyer: User, order: { offerId: string; amount: number; returnTo: string }): Promise<Started>
  stateOf(orderId: string): Promise<string | null>
  /** Null: no paid messages any more. For who may run the channel. */
  setTerms(actor: User, channelId: string, terms: { least: number; currency: string } | null): Promise<void>
}

interface Started {
  orderId: string
  url: string | null
}

interface PaidDeps extends ChatDeps {
  keepers: Keepers
  messages: Messages
  tell: Tell
  check(wish: Wish): Promise<Checked>
  /** Everybody is told what a message costs now. */
  onTerms(channelId: string): Promise<void>
  /** There is more or less paid than before. */
  onSettled(channelId: string): Promise<void>
}

type Row = Selectable<ChatPaidTable>

/** How long it stands out, by how many times the least was paid. */
const MINUTES = [
  [50, 60],
  [25, 30],
  [10, 10],
  [5, 5],
  [2, 2],
] as const
/** Orders that were settled while the node was down are looked for so far back. */
const CATCH_UP_MS = 7 * 86_400_000

export type Paid = ReturnType<typeof createPaid>

export function createPaid(deps: PaidDeps) {
  const {
    db,
    clock,
    logger,
    channelOf,
    personOf,
    standingOf,
    keepers,
    messages,
    till,
    tell,
    check,
    onTerms,
    onSettled,
  } = deps

  async function begin(
    user: User,
    idOrSlug: string,
    wish: { text: string; amount: number; returnTo: string },
    address: string,
    knows?: Knows,
  ): Promise<Started> {
    const channel = await channelOf(idOrSlug)
    const terms = await till.termsOf(channel.id)
    if (!terms) throw new DomainError('not_found', 'no_paid_messages', 'This channel takes no paid messages.')
    const { offerId, least, currency } = terms
    if (wish.amount < least) throw new DomainError('invalid', 'too_little', 'That is less than the least.', { least })
    const { text, sessionId, heldReason } = await check({ user, channel, text: wish.text, address, knows })
    const started = await till.begin(user, { offerId, amount: wish.amount, returnTo: wish.returnTo })
    const order = { orderId: started.orderId, channelId: channel.id, sessionId, userId: user.id, text, heldReason }
    const sum = { amount: wish.amount, currency, least }
    await db
      .insertInto('chatPaid')
      .values({ ...order, ...sum, messageId: null, state: 'open', createdAt: clock.now() })
      // A checkout that was left and begun again is one order, with the newest words.
      .onConflict((conflict) => conflict.column('orderId').doUpdateSet({ text, heldReason, sessionId }))
      .execute()
    return started
  }

  /** An order stands otherwise than before; told twice, it changes nothing. */
  async function settled(orderId: string, state: string): Promise<void> {
    const row = await db.selectFrom('chatPaid').selectAll().where('orderId', '=', orderId).executeTakeFirst()
    if (!row || row.state === state) return
    const messageId = row.messageId ?? (state === 'paid' ? (await say(row)).id : null)
    if (row.messageId !== null) await mark(row, row.messageId, state === 'paid')
    await db.updateTable('chatPaid').set({ state, messageId }).where('orderId', '=', orderId).execute()
    await onSettled(row.channelId)
    logger.info({ orderId, channelId: row.channelId, userId: row.userId, state }, 'paid message settled')
  }

  async function say(row: Row): Promise<Message> {
    const { channelId, sessionId, userId, text, heldReason, orderId } = row
    const person = await personOf(userId)
    const author = { id: userId, name: person?.name ?? '', badges: [] }
    const draft = { channelId, sessionId, kind: 'paid' as const, author, text, heldReason, reply: null }
    const within = await withinOf(sessionId)
    const { message } = await messages.add({ ...draft, key: orderId, card: await cardOf(row) }, (added) =>
      tell(
        channelId,
        heldReason === null ? { type: 'shown', message: plainOf(added) } : { type: 'held', message: added },
        within,
      ),
    )
    return plainOf(message)
  }

  /** It stays what somebody said; whether it stands out depends on the money. */
  async function mark(row: Row, messageId: string, isPaid: boolean): Promise<void> {
    const { channelId, sessionId } = row
    const card = isPaid ? await cardOf(row) : null
    const message = await messages.setCard(channelId, messageId, isPaid ? 'paid' : 'chat', card)
    if (message.state === 'shown') {
      tell(channelId, { type: 'restored', messages: [message] }, await withinOf(sessionId))
    }
  }

  async function cardOf({ channelId, amount, currency, least }: Row): Promise<Card> {
    const minutes = MINUTES.find(([times]) => amount >= least * times)?.[1] ?? 1
    const digits = (await till.termsOf(channelId))?.digits ?? 2
    return { is: 'paid', amount, currency, digits, until: new Date(clock.now() + minutes * 60_000).toISOString() }
  }

  async function withinOf(sessionId: string | null): Promise<string | null> {
    return sessionId !== null && (await standingOf(null, sessionId, async () => false)).isSecret ? sessionId : null
  }

  /** What was settled while nobody was there to hear. */
  async function catchUp(): Promise<void> {
    const waiting = await db
      .selectFrom('chatPaid')
      .select('orderId')
      .where('state', '=', 'open')
      .where('createdAt', '>', clock.now() - CATCH_UP_MS)
      .execute()
    for (const { orderId } of waiting) await settled(orderId, (await till.stateOf(orderId)) ?? 'open')
  }

  /** For the moderators: what was paid for, newest first. */
  async function list(
    actor: User,
    idOrSlug: string,
    { cursor, limit }: { cursor?: string | undefined; limit: number },
  ) {
    const { channel } = await keepers.requireModerator(actor, idOrSlug)
    let query = db
      .selectFrom('chatPaid')
      .innerJoin('user', 'user.id', 'chatPaid.userId')
      .selectAll('chatPaid')
      .select('user.name as by')
      .where('chatPaid.channelId', '=', channel.id)
      .where('chatPaid.state', 'not in', ['open', 'expired', 'failed'])
    if (cursor) query = query.where('orderId', '<', fromCursor(z.string(), cursor))
    const rows = await query
      .orderBy('orderId', 'desc')
      .limit(limit + 1)
      .execute()
    return toPage(rows, limit, ({ orderId }) => orderId)
  }

  async function setTerms(actor: User, idOrSlug: string, terms: Parameters<Till['setTerms']>[2]): Promise<void> {
    const { channel } = await keepers.requireOwner(actor, idOrSlug)
    await till.setTerms(actor, channel.id, terms)
    await onTerms(channel.id)
  }

  return { termsOf: till.termsOf, setTerms, begin, settled, catchUp, list }
}
