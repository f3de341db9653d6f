import { expect, test } from 'vitest'
import { clockAt, instantOf, instantsOf, type Repeat, type Weekday } from '../../src/programme/recurrence.ts'

const repeat = (given: Partial<Repeat>): Repeat => ({
  ...{ every: 'week', interval: 1, on: [], by: 'date', until: null },
  ...given,
})
const MWF: Weekday[] = ['MO', 'WE', 'FR']

function instants(startsAt: string, timeZone: string, given: Partial<Repeat>, from: string, before: string): string[] {
  const found = instantsOf({ startsAt, timeZone, repeat: repeat(given) }, Date.parse(from), Date.parse(before))
  return found.map((at) => new Date(at).toISOString().slice(0, 16))
}

test('every Monday, Wednesday and Friday at 15:00 Berlin stays at 15:00 Berlin when summer time ends and begins', () => {
  const shows = (from: string, before: string) =>
    instants('2026-10-19T15:00', 'Europe/Berlin', { on: MWF }, from, before)
  expect(shows('2026-10-20', '2026-10-31')).toEqual([
    ...['2026-10-21T13:00', '2026-10-23T13:00'],
    ...['2026-10-26T14:00', '2026-10-28T14:00', '2026-10-30T14:00'],
  ])
  expect(shows('2027-03-25', '2027-04-01')).toEqual(['2027-03-26T14:00', '2027-03-29T13:00', '2027-03-31T13:00'])
})

test('a night in which the clocks go forward has no 02:30; one in which they go back has it once', () => {
  const nightly = (from: string, before: string) =>
    instants('2026-01-01T02:30', 'Europe/Berlin', { every: 'day' }, from, before)
  expect(nightly('2026-03-28', '2026-03-31')).toEqual(['2026-03-28T01:30', '2026-03-30T00:30'])
  expect(nightly('2026-10-24', '2026-10-27')).toEqual(['2026-10-24T00:30', '2026-10-25T00:30', '2026-10-26T01:30'])
})

test('the leap day is a day like any other, and a month without the date is left out', () => {
  expect(instants('2028-02-27T20:00', 'UTC', { every: 'day' }, '2028-02-28', '2028-03-02')).toEqual([
    ...['2028-02-28T20:00', '2028-02-29T20:00', '2028-03-01T20:00'],
  ])
  const monthly = (startsAt: string) =>
    instants(startsAt, 'UTC', { every: 'month' }, startsAt.slice(0, 10), '2028-05-01')
  expect(monthly('2028-01-29T20:00')).toEqual([
    '2028-01-29T20:00',
    '2028-02-29T20:00',
    '2028-03-29T20:00',
    '2028-04-29T20:00',
  ])
  expect(monthly('2028-01-31T20:00')).toEqual(['2028-01-31T20:00', '2028-03-31T20:00'])
})

test('monthly on the same weekday: the second Tuesday, or the last Friday', () => {
  const monthly = (startsAt: string) =>
    instants(startsAt, 'UTC', { every: 'month', by: 'weekday' }, '2026-11-01', '2027-02-01').map((at) =>
      at.slice(0, 10),
    )
  expect(monthly('2026-11-10T20:00')).toEqual(['2026-11-10', '2026-12-08', '2027-01-12'])
  expect(monthly('2026-10-30T20:00')).toEqual(['2026-11-27', '2026-12-25', '2027-01-29'])
})

test('every other week, and no further than its last day, in its own zone', () => {
  const found = instants(
    '2026-11-22T23:30',
    'America/New_York',
    { interval: 2, on: ['SU'], until: '2026-12-06' },
    '2026-11-01',
    '2027-02-01',
  )
  expect(found).toEqual(['2026-11-23T04:30', '2026-12-07T04:30'])
})

test('what a clock shows, there and back', () => {
  expect(new Date(instantOf('2026-07-01T15:00', 'Europe/Berlin')).toISOString()).toBe('2026-07-01T13:00:00.000Z')
  expect(clockAt(instantOf('2026-03-29T02:30', 'Europe/Berlin'), 'Europe/Berlin')).toBe('2026-03-29T03:30')
  expect(clockAt(instantOf('2026-11-22T00:05', 'Pacific/Auckland'), 'Pacific/Auckland')).toBe('2026-11-22T00:05')
})
