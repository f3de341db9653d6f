/** The calendar files, read by another library than the one that writes them. */
import ICAL from 'ical.js'
import { expect, test } from 'vitest'
import { programmeRoom } from '../helpers/programme-room.ts'

function eventsOf(text: string) {
  const calendar = new ICAL.Component(ICAL.parse(text))
  return calendar.getAllSubcomponents('vevent').map((component) => {
    const event = new ICAL.Event(component)
    const { uid, sequence, summary, description, startDate, endDate } = event
    const times = { from: startDate.toJSDate().toISOString(), to: endDate.toJSDate().toISOString() }
    const status = component.getFirstPropertyValue('status')
    return {
      uid,
      sequence,
      summary,
      description,
      status,
      ...times,
      url: String(component.getFirstPropertyValue('url')),
    }
  })
}

test('a show is one instant with a name that stays, and its number grows with every word of it', async () => {
  const { plan, programme, creator, channelId } = await programmeRoom()
  const tricky =
    'Rye; spelt, "oats"\r\nEND:VEVENT\n\\ ☕ and a line that is much longer than the seventy-five bytes of one'
  const show = await plan({ title: 'Bread; & more, \\', description: tricky, durationMinutes: 45 })
  const feed = async () => eventsOf(await programme.feed({ id: channelId, name: 'Cooking' }))
  expect(await feed()).toEqual([
    {
      uid: `${show.id}@footlight.test`,
      sequence: 0,
      summary: 'Bread; & more, \\ – Cooking',
      description: tricky.replace('\r\n', '\n'),
      status: 'CONFIRMED',
      from: '2026-11-23T14:00:00.000Z',
      to: '2026-11-23T14:45:00.000Z',
      url: `https://footlight.test/show/${show.code}`,
    },
  ])
  await programme.change(creator, show.id, { which: 'this', startsAt: '2026-11-24T15:00' })
  expect(await feed()).toMatchObject([
    { uid: `${show.id}@footlight.test`, sequence: 1, from: '2026-11-24T14:00:00.000Z' },
  ])
  const off = await programme.callOff(creator, show.id, { reason: 'ill', which: 'this', agreed: [] })
  expect(await feed()).toMatchObject([{ uid: `${show.id}@footlight.test`, sequence: 2, status: 'CANCELLED' }])
  expect(eventsOf(programme.calendarOf(off))).toMatchObject([{ sequence: 2, status: 'CANCELLED' }])
})

test('a series keeps its hour over the end of summer time; nothing secret is in the feed', async () => {
  const { plan, programme, channelId } = await programmeRoom({ now: '2026-10-20T12:00:00Z' })
  const repeat = { every: 'week' as const, interval: 1, on: [], by: 'date' as const, until: '2026-11-02' }
  await plan({ startsAt: '2026-10-19T15:00', repeat })
  for (const visibility of ['private', 'unlisted'] as const) await plan({ visibility, title: 'Secret' })
  const text = await programme.feed({ id: channelId, name: 'Cooking' })
  expect(text).not.toContain('Secret')
  const seen = eventsOf(text)
  expect(seen.map(({ from }) => from)).toEqual(['2026-10-26T14:00:00.000Z', '2026-11-02T14:00:00.000Z'])
  expect(new Set(seen.map(({ uid }) => uid)).size).toBe(2)
  expect(await programme.feed({ id: channelId, name: 'Cooking' })).toBe(text)
})
