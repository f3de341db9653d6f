/** The reports as the API tells them: times in ISO 8601, durations in milliseconds, money in minor units. */
import { z } from 'zod'
import type { ChannelReport } from './channel-report.ts'
import { MARK_KINDS } from './marks.ts'
import type { Broadcast, Report } from './session-report.ts'
import { Summary } from './tally.ts'
import type { ListedViewing } from './viewing-list.ts'

const when = z.iso.datetime()
const iso = (at: number) => new Date(at).toISOString()
const isoOrNull = (at: number | null) => (at === null ? null : iso(at))

const RevenueView = z
  .object({ currency: z.string(), digits: z.int(), amount: z.int(), payments: z.int() })
  .describe('In minor units, what was given back taken off.')
const ShowView = z.object({
  id: z.string(),
  title: z.string(),
  state: z.string(),
  startedAt: when.nullable(),
  endedAt: when.nullable(),
})
const Engagement = z.number().nullable().describe('Messages to a hundred viewers.')

export const ReportView = z
  .object({
    session: ShowView,
    at: when.describe('When this was true.'),
    current: z.int().describe('Viewers now.'),
    totals: Summary.extend({ peak: z.int(), messages: z.int(), engagement: Engagement }),
    stepMs: z.int(),
    curve: z
      .array(z.object({ at: when, viewers: z.int().nullable(), messages: z.int() }))
      .describe('The most viewers at once in each step; null where the node was not running.'),
    marks: z.array(z.object({ at: when, kind: z.enum(MARK_KINDS), text: z.string() })),
    revenue: z.array(RevenueView),
  })
  .openapi('SessionReport')

export const ChannelReportView = z
  .object({
    from: when,
    until: when,
    shows: z.array(
      z.object({
        session: ShowView,
        viewers: z.int(),
        viewings: z.int(),
        peak: z.int(),
        watchedMs: z.int(),
        averageMs: z.int(),
        messages: z.int(),
        engagement: Engagement,
        stallsPerHour: z.number().nullable(),
        revenue: z.array(RevenueView),
      }),
    ),
    isCut: z.boolean().describe('There were more shows in this time; these are the newest.'),
    followers: z.int(),
    newFollowers: z.int(),
  })
  .openapi('ChannelReport')

export const ViewingView = z
  .object({
    id: z.string(),
    type: z.string().describe('anonymous, viewer, member, creator or moderator'),
    country: z.string().nullable(),
    device: z.string(),
    browser: z.string(),
    player: z.string(),
    rendition: z.string().nullable(),
    referrer: z.string().nullable(),
    joinedAt: when,
    leftAt: when.nullable().describe('Null for who is still watching.'),
    watchedMs: z.int(),
    messages: z.int(),
    purchases: z.int(),
    stalls: z.int().nullable().describe('This and what follows: null where the player told nothing.'),
    stalledMs: z.int().nullable(),
    errors: z.int().nullable(),
    startupMs: z.int().nullable(),
    bitrate: z.int().nullable(),
  })
  .openapi('Viewing')

const showView = ({ id, title, state, startedAt, endedAt }: Broadcast) => ({
  ...{ id, title, state },
  startedAt: isoOrNull(startedAt),
  endedAt: isoOrNull(endedAt),
})

export function reportView(report: Report, current: number): z.infer<typeof ReportView> {
  const timed = <Timed extends { at: number }>(items: Timed[]) => items.map((item) => ({ ...item, at: iso(item.at) }))
  const { session, at, curve, marks, ...rest } = report
  return { ...rest, session: showView(session), at: iso(at), current, curve: timed(curve), marks: timed(marks) }
}

export function channelReportView(
  report: ChannelReport,
  from: number,
  until: number,
): z.infer<typeof ChannelReportView> {
  const shows = report.shows.map((show) => ({ ...show, session: showView(show.session) }))
  return { ...report, shows, from: iso(from), until: iso(until) }
}

export function viewingView(viewing: ListedViewing): z.infer<typeof ViewingView> {
  const { viewer: _same, userId: _who, bitrateSum, bitrateCount, joinedAt, leftAt, ...rest } = viewing
  return {
    ...rest,
    type: rest.type ?? 'anonymous',
    device: rest.device ?? 'unknown',
    browser: rest.browser ?? 'Unknown',
    player: rest.player ?? 'Unknown',
    joinedAt: iso(joinedAt),
    leftAt: isoOrNull(leftAt),
    bitrate: bitrateSum && bitrateCount ? Math.round(bitrateSum / bitrateCount) : null,
  }
}
