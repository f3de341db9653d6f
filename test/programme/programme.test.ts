/** Planning: single shows and series, moved, missed and called off, and what becomes of the money. */
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { AHEAD_MS } from '../../src/programme/series.ts'
import { programmeRoom } from '../helpers/programme-room.ts'

const DAY = 86_400_000
const WEEKLY = {
  every: 'week' as const,
  interval: 1,
  on: ['MO' as const, 'WE' as const],
  by: 'date' as const,
  until: null,
}
const iso = (at: number) => new Date(at).toISOString().slice(0, 16)

test('a show is planned by a clock in the creator’s zone, and changed', async () => {
  const { plan, programme, creator } = await programmeRoom()
  const show = await plan({ visibility: 'members', requiredTier: 2, durationMinutes: 90 })
  expect(show).toMatchObject({ state: 'scheduled', timeZone: 'Europe/Berlin', durationMinutes: 90, requiredTier: 2 })
  expect(iso(show.scheduledAt)).toBe('2026-11-23T14:00')
  const moved = await programme
    .change(creator, show.code, { which: 'this', startsAt: '2026-07-01T15:00' })
    .catch(String)
  expect(moved).toContain('to come')
  const later = await programme.change(creator, show.code, {
    which: 'this',
    startsAt: '2027-07-01T15:00',
    title: 'Rye',
  })
  expect([later.title, iso(later.scheduledAt)]).toEqual(['Rye', '2027-07-01T13:00'])
})

test('a series makes its shows some weeks ahead, each once, and goes on by itself', async () => {
  const { plan, planned, programme, clock, worker, db } = await programmeRoom()
  await plan({ repeat: WEEKLY })
  const first = await planned()
  expect(first.slice(0, 3).map(({ scheduledAt }) => iso(scheduledAt))).toEqual([
    ...['2026-11-23T14:00', '2026-11-25T14:00', '2026-11-30T14:00'],
  ])
  expect(first).toHaveLength(10)
  await programme.start()
  await worker.runDue()
  expect(await planned()).toHaveLength(10)
  for (let week = 0; week < 20; week++) {
    clock.advance(7 * DAY)
    await worker.runDue()
  }
  const days = (await db.selectFrom('session').select('scheduledAt').orderBy('scheduledAt').execute()).map((row) =>
    iso(row.scheduledAt ?? 0),
  )
  expect(new Set(days).size).toBe(days.length)
  expect(Date.parse(days.at(-1)!)).toBeGreaterThan(clock.now() + AHEAD_MS - 8 * DAY)
  // Summer time began on 28 March.
  expect(days).toContain('2027-03-24T14:00')
  expect(days).toContain('2027-03-29T13:00')
})

test('of a series one is skipped, one is moved, and neither comes back', async () => {
  const { plan, planned, programme, creator, clock, worker } = await programmeRoom()
  await plan({ repeat: WEEKLY })
  const [one, two] = await planned()
  await programme.callOff(creator, one!.id, { reason: 'ill', which: 'this', agreed: [] })
  await programme.change(creator, two!.id, { which: 'this', startsAt: '2026-11-26T18:00' })
  await programme.start()
  clock.advance(DAY)
  await worker.runDue()
  expect((await planned()).slice(0, 2).map(({ scheduledAt }) => iso(scheduledAt))).toEqual([
    ...['2026-11-26T17:00', '2026-11-30T14:00'],
  ])
})

test('all that follow are changed: words and hour; what was moved keeps its time, what was before keeps all', async () => {
  const { plan, planned, programme, creator, clock, worker } = await programmeRoom()
  await plan({ repeat: WEEKLY })
  const [before, from, third] = await planned()
  await programme.change(creator, third!.id, { which: 'this', startsAt: '2026-12-01T09:00' })
  const other = { which: 'following' as const, startsAt: '2026-11-26T18:00' }
  await expect(programme.change(creator, from!.id, other)).rejects.toMatchObject({ code: 'other_days' })
  await programme.change(creator, from!.id, { which: 'following', startsAt: '2026-11-25T18:30', title: 'Rolls' })
  const seen = (await planned()).map(({ title, scheduledAt }) => `${title} ${iso(scheduledAt)}`)
  expect(seen.slice(0, 4)).toEqual([
    ...[`Bread ${iso(before!.scheduledAt)}`, 'Rolls 2026-11-25T17:30'],
    ...['Rolls 2026-12-01T08:00', 'Rolls 2026-12-02T17:30'],
  ])
  await programme.start()
  clock.advance(14 * DAY)
  await worker.runDue()
  const all = (await planned()).map(({ title, scheduledAt }) => `${title} ${iso(scheduledAt)}`)
  expect(all.at(-1)).toBe('Rolls 2027-01-06T17:30')
  expect(new Set(all).size).toBe(all.length)
})

test('called off, whoever paid is paid back once, after a yes to the sum; a payment that comes late as well', async () => {
  const { plan, programme, creator, person, offer, buy, worker, db, commerce, testMoney, checkoutOf, jobs } =
    await programmeRoom()
  const show = await plan({ visibility: 'ticket' })
  const { id } = await offer({ target: { sessionId: show.id }, price: 1_250 })
  const [anna, bo, carl] = [await person('Anna'), await person('Bo'), await person('Carl')]
  await buy(anna, id)
  await buy(bo, id)
  const late = await commerce.checkout.start(carl, { offerId: id, billing: 'month' })

  const owed = [{ currency: 'EUR', amount: 2_500, buyers: 2 }]
  expect(await programme.cost(creator, show.id, 'this')).toEqual({ shows: 1, owed })
  const callOff = (amount: number) =>
    programme.callOff(creator, show.id, { reason: 'ill', which: 'this', agreed: [{ currency: 'EUR', amount }] })
  await expect(callOff(1_250)).rejects.toMatchObject({ code: 'sum_changed', details: { owed } })
  expect(await callOff(2_500)).toMatchObject({ state: 'cancelled', endReason: 'ill' })
  await expect(callOff(2_500)).rejects.toMatchObject({ code: 'not_planned' })
  await worker.runDue()
  await jobs.enqueue({ kind: 'commerce.called-off', payload: { sessionId: show.id } })
  await worker.runDue()

  await testMoney.act(checkoutOf(late.url), 'pay')
  await worker.runDue()
  await commerce.calledOff.settled({ scope: `session:${show.id}`, state: 'paid' })
  await worker.runDue()
  const payments = await db.selectFrom('payment').select(['userId', 'amount', 'refunded']).orderBy('id').execute()
  expect(payments).toEqual([anna, bo, carl].map((user) => ({ userId: user.id, amount: 1_250, refunded: 1_250 })))
})

test('who died between the payment and its settlement is caught up with at night', async () => {
  const { plan, programme, creator, person, offer, worker, db, commerce, testMoney, checkoutOf } = await programmeRoom()
  const show = await plan()
  const { id } = await offer({ target: { sessionId: show.id } })
  const { url } = await commerce.checkout.start(await person('Anna'), { offerId: id, billing: 'month' })
  await programme.callOff(creator, show.id, { reason: 'ill', which: 'this', agreed: [] })
  await testMoney.act(checkoutOf(url), 'pay')
  await worker.runDue()
  await commerce.calledOff.catchUp()
  await worker.runDue()
  expect(await db.selectFrom('payment').select('refunded').execute()).toEqual([{ refunded: 1_000 }])
})

test('a series is ended from one show on, and makes no more', async () => {
  const { plan, planned, programme, creator, clock, worker } = await programmeRoom()
  await plan({ repeat: WEEKLY })
  const [, second] = await planned()
  expect((await programme.cost(creator, second!.id, 'following')).shows).toBe(9)
  await programme.callOff(creator, second!.id, { reason: 'enough', which: 'following', agreed: [] })
  clock.advance(60 * DAY)
  await programme.start()
  await worker.runDue()
  expect(await planned()).toHaveLength(1)
})

test('a picture is a show’s own, or goes with all that follow; what nothing shows any more is forgotten', async () => {
  const { plan, planned, programme, creator, covers, clock, worker } = await programmeRoom()
  const bytes = await sharp({ create: { width: 640, height: 360, channels: 3, background: '#a33' } })
    .png()
    .toBuffer()
  const isKept = async (url: string) => (await covers.picture(url.split('/')[3]!, '640.jpg')) !== null
  await plan({ repeat: WEEKLY })
  const [, second, third] = await planned()
  const own = (await programme.setPicture(creator, second!.id, 'this', bytes)).pictureUrl!
  expect((await planned()).map(({ pictureUrl }) => pictureUrl)).toEqual([null, own, ...Array(8).fill(null)])

  const shared = (await programme.setPicture(creator, second!.code, 'following', bytes)).pictureUrl!
  expect([await isKept(own), await isKept(shared)]).toEqual([false, true])
  await programme.start()
  clock.advance(7 * DAY)
  await worker.runDue()
  const [before, ...all] = (await planned()).map(({ pictureUrl }) => pictureUrl)
  expect(before).toBeNull()
  expect(all).toEqual(Array(11).fill(shared))

  expect((await programme.setPicture(creator, third!.id, 'following', null)).pictureUrl).toBeNull()
  expect((await programme.get(creator, second!.id)).pictureUrl).toBe(shared)
  expect(await isKept(shared)).toBe(true)
  await programme.setPicture(creator, second!.id, 'this', null)
  expect(await isKept(shared)).toBe(false)
})

test('nobody came: it is marked, in no list but the owner’s, and a new time is a new chance', async () => {
  const { plan, planned, programme, creator, clock, worker, bell, sessions, channelId } = await programmeRoom()
  const show = await plan()
  clock.set('2026-11-23T21:00:00Z')
  await programme.start()
  await worker.runDue()
  expect(await planned()).toMatchObject([{ id: show.id, isMissed: true }])
  expect((await programme.list(null, { channelId, limit: 9 })).items).toEqual([])
  await programme.announce('missed', show.id)
  await worker.runDue()
  expect(bell.map(({ userId, title }) => [userId, title])).toEqual([[creator.id, 'Bread was missed']])
  const again = await programme.change(creator, show.id, { which: 'this', startsAt: '2026-11-23T22:30' })
  expect(again.isMissed).toBe(false)
  expect(await sessions.openFor(channelId, { streamKeyId: 'key', title: 'x' })).toMatchObject({ id: show.id })
})

test('a show that was chosen in the studio is the next one, whenever that is', async () => {
  const { plan, sessions, creator, channelId, clock } = await programmeRoom()
  const near = await plan()
  const far = await plan({ startsAt: '2027-05-01T20:00' })
  clock.set('2026-11-23T13:50:00Z')
  await sessions.choose(creator, near.id, true)
  await sessions.choose(creator, far.id, true)
  const opened = await sessions.openFor(channelId, { streamKeyId: 'key', title: 'x' })
  expect(opened.id).toBe(far.id)
  await expect(sessions.choose(creator, near.id, true)).rejects.toMatchObject({ code: 'on_air' })
})

test('what is secret is in no list, and a private show is not there for strangers', async () => {
  const { plan, programme, person, channelId } = await programmeRoom()
  const hidden = await plan({ visibility: 'private', title: 'Hidden' })
  const unlisted = await plan({ visibility: 'unlisted', title: 'By address' })
  await plan({ visibility: 'ticket', title: 'Sold' })
  const anna = await person('Anna')
  for (const viewer of [null, anna]) {
    for (const query of [{ limit: 9 }, { channelId, limit: 9 }]) {
      expect((await programme.list(viewer, query)).items.map(({ title }) => title)).toEqual(['Sold'])
    }
    await expect(programme.get(viewer, hidden.code)).rejects.toMatchObject({ kind: 'not_found' })
    expect((await programme.get(viewer, unlisted.code)).title).toBe('By address')
  }
  await expect(programme.callOff(anna, unlisted.id, { reason: 'x', which: 'this', agreed: [] })).rejects.toMatchObject({
    kind: 'forbidden',
  })
})
