/** Planning, changing and calling off: one show, or one of a series and all that follow it. */
import type { Db } from '../db/db.ts'
import type { Clock } from '../platform/clock.ts'
import { DomainError } from '../platform/errors.ts'
import type { User } from '../platform/user.ts'
import { clockAt, instantOf, type Repeat, type Rule } from './recurrence.ts'
import type { PlanAll, SeriesRoom, ShowTerms } from './series.ts'
import type { PlannedShow, Upcoming } from './upcoming.ts'

/** Money buyers would be given back, per currency in minor units. */
export interface Owed {
  currency: string
  amount: number
  buyers: number
}

type Change = Partial<ShowTerms> & { scheduledAt?: number; timeZone?: string }

export interface ShowsOptions {
  clock: Clock
  series: SeriesRoom
  upcoming: Upcoming
  planAll: PlanAll
  /** The channel's id, for somebody who may run it; throws for anybody else. */
  ownChannel(actor: User, channelId: string): Promise<string>
  update(actor: User, sessionId: string, change: Change): Promise<unknown>
  cancel(actor: User, sessionId: string, reason: string, also: (tx: Db) => Promise<void>): Promise<unknown>
  /** One picture for these sessions, or none; `also` is told which. */
  setPicture(
    actor: User,
    sessionIds: string[],
    bytes: Uint8Array | null,
    also: (picture: string | null) => Promise<void>,
  ): Promise<void>
  /** What is owed to those who paid for a show, and the word to pay them back, in the transaction given. */
  owed(sessionId: string): Promise<Owed[]>
  payBack(sessionId: string, tx: Db): Promise<void>
}

export interface NewShow extends ShowTerms {
  /** A wall clock's word: `YYYY-MM-DDTHH:MM`. */
  startsAt: string
  timeZone: string
  repeat: Repeat | null
}

export type Which = 'this' | 'following'

export interface ShowChange extends Partial<ShowTerms> {
  startsAt?: string | undefined
  timeZone?: string | undefined
  which: Which
}

export function createShows(options: ShowsOptions) {
  const { clock, series, upcoming, planAll, ownChannel } = options

  /** Gives back the nearest show of what was planned. */
  async function plan(actor: User, channel: string, { startsAt, timeZone, repeat, ...terms }: NewShow) {
    const channelId = await ownChannel(actor, channel)
    if (repeat) {
      const id = await series.create(actor.id, channelId, { startsAt, timeZone, repeat }, terms)
      const [first] = await series.following(id, 0)
      return upcoming.get(actor, first!.id)
    }
    let made = ''
    const show = { ...terms, scheduledAt: instantOf(startsAt, timeZone), timeZone }
    await planAll(actor.id, channelId, [show], async ([id = '']) => {
      made = id
    })
    return upcoming.get(actor, made)
  }

  async function getOwn(actor: User, idOrCode: string): Promise<PlannedShow> {
    const show = await upcoming.get(actor, idOrCode)
    await ownChannel(actor, show.channel.id)
    if (show.state === 'scheduled') return show
    throw new DomainError('conflict', 'not_planned', 'Only a show that has not begun can be changed this way.')
  }

  async function change(actor: User, idOrCode: string, { which, startsAt, timeZone, ...given }: ShowChange) {
    const show = await getOwn(actor, idOrCode)
    const terms = otherThan(show, given)
    const zone = timeZone ?? show.timeZone ?? 'UTC'
    if (which === 'following') await changeFollowing(actor, show, startsAt, zone, terms)
    else {
      const scheduledAt = startsAt === undefined ? show.scheduledAt : instantOf(startsAt, zone)
      await move(actor, { id: show.id, from: show.scheduledAt, to: scheduledAt }, { ...terms, timeZone: zone })
    }
    return upcoming.get(actor, show.id)
  }

  async function move(actor: User, { id, from, to }: { id: string; from: number; to: number }, change: Change) {
    await options.update(actor, id, { ...change, ...(from === to ? {} : { scheduledAt: to }) })
  }

  /** The words, the terms and the hour of all that follow; those moved by themselves keep their time. */
  async function changeFollowing(
    actor: User,
    { id }: PlannedShow,
    startsAt: string | undefined,
    zone: string,
    terms: Partial<ShowTerms>,
  ): Promise<void> {
    const own = await series.of(id)
    if (!own) throw new DomainError('conflict', 'no_series', 'This show is not one of a series.')
    const day = clockAt(own.at, own.timeZone)
    const isOtherDay = startsAt !== undefined && startsAt.slice(0, 10) !== day.slice(0, 10)
    if (zone !== own.timeZone || isOtherDay) {
      const message = 'For other days or another zone, end this series here and plan a new one.'
      throw new DomainError('conflict', 'other_days', message)
    }
    const hour = (startsAt ?? own.startsAt).slice(11)
    await series.change(own, { ...own.terms, ...terms }, hour)
    for (const one of await series.following(own.id, own.at)) {
      const at = hourOf(one.at, hour, own)
      const scheduledAt = one.scheduledAt ?? at
      await move(actor, { id: one.id, from: scheduledAt, to: one.wasMoved ? scheduledAt : at }, terms)
      await series.shift(one.id, at)
    }
  }

  /** What a show, or it and all that follow, is shown by; null for no picture of its own. */
  async function setPicture(actor: User, idOrCode: string, which: Which, bytes: Uint8Array | null) {
    const show = await getOwn(actor, idOrCode)
    const { own, ids } = await concerned(show, which)
    await options.setPicture(actor, ids, bytes, async (picture) => {
      if (own) await series.setPicture(own.id, picture)
    })
    return upcoming.get(actor, show.id)
  }

  /** The sessions that are meant, and their series where it is meant as well. */
  async function concerned({ id }: PlannedShow, which: Which) {
    const own = which === 'following' ? await series.of(id) : null
    const ids = own ? (await series.following(own.id, own.at)).map((one) => one.id) : [id]
    return { own, ids }
  }

  /** What calling it off would cost, to be named before it is done. */
  async function cost(actor: User, idOrCode: string, which: Which): Promise<{ shows: number; owed: Owed[] }> {
    const { ids } = await concerned(await getOwn(actor, idOrCode), which)
    return { shows: ids.length, owed: await owedFor(ids) }
  }

  /** Off for good. `agreed` is the sum the caller was shown: another one is asked about first. */
  async function callOff(
    actor: User,
    idOrCode: string,
    { reason, which, agreed }: { reason: string; which: Which; agreed: { currency: string; amount: number }[] },
  ): Promise<PlannedShow> {
    const show = await getOwn(actor, idOrCode)
    const { own, ids } = await concerned(show, which)
    const owed = await owedFor(ids)
    if (!isSame(owed, agreed)) {
      const message = 'The sum that goes back to ticket holders is another one; look again and confirm it.'
      throw new DomainError('conflict', 'sum_changed', message, { owed })
    }
    if (own) await series.end(own.id)
    for (const id of ids) await options.cancel(actor, id, reason, (tx) => options.payBack(id, tx))
    return upcoming.get(actor, show.id)
  }

  async function owedFor(ids: string[]): Promise<Owed[]> {
    const sums = new Map<string, Owed>()
    for (const id of ids) {
      for (const { currency, amount, buyers } of await options.owed(id)) {
        const sum = sums.get(currency) ?? { currency, amount: 0, buyers: 0 }
        sums.set(currency, { currency, amount: sum.amount + amount, buyers: sum.buyers + buyers })
      }
    }
    return [...sums.values()].toSorted((a, b) => a.currency.localeCompare(b.currency))
  }

  /** Shows of a channel, for its page, for the home page (none named), for whoever runs it with what is in no list. */
  async function list(viewer: User | null, query: Omit<Parameters<Upcoming['list']>[1], 'isOwn'>) {
    const { channelId } = query
    const isOwn = viewer !== null && channelId !== undefined && (await runs(viewer, channelId))
    return upcoming.list(viewer, { ...query, isOwn })
  }

  async function runs(viewer: User, channelId: string): Promise<boolean> {
    return ownChannel(viewer, channelId).then(
      () => true,
      (error: unknown) => {
        if (error instanceof DomainError) return false
        throw error
      },
    )
  }

  /** The same day, at this hour; a show of that day whose hour is past already stays to come. */
  function hourOf(at: number, hour: string, { timeZone }: Rule): number {
    const wanted = instantOf(`${clockAt(at, timeZone).slice(0, 10)}T${hour}`, timeZone)
    return wanted > clock.now() ? wanted : at
  }

  return { plan, change, setPicture, cost, callOff, list, get: upcoming.get }
}

function isSame(owed: readonly Owed[], agreed: readonly { currency: string; amount: number }[]): boolean {
  const asText = (sums: readonly { currency: string; amount: number }[]) =>
    sums
      .map(({ currency, amount }) => `${currency} ${amount}`)
      .toSorted()
      .join()
  return asText(owed) === asText(agreed)
}

/** Of what a form sends only what it changes: the shows that follow keep the rest, however they differ in it. */
function otherThan(show: PlannedShow, given: Partial<ShowTerms>): Partial<ShowTerms> {
  const before = new Map<string, unknown>(Object.entries(show))
  return Object.fromEntries(Object.entries(given).filter(([name, value]) => before.get(name) !== value))
}
