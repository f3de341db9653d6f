import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { createRouter, type HttpEnv, signedIn } from '../platform/http.ts'
import { type Cell, csvLine } from './csv.ts'
import { answers, Path, Period, periodOf, type ReportDeps, readers } from './report-routes.ts'
import { channelReportView, reportView, viewingView } from './views.ts'

const Format = z.enum(['csv', 'json']).default('csv')
const file = {
  200: {
    description: 'A file to keep',
    content: { 'text/csv': { schema: z.string() }, 'application/json': { schema: z.array(z.unknown()) } },
  },
  ...answers,
} as const

const MINUTE_MS = 60_000
const minutes = (ms: number | null) => (ms === null ? null : Math.round((ms / MINUTE_MS) * 100) / 100)

const tags = ['analytics']

/** The same figures to take away: every viewing, the curve, or the shows of a channel. */
export function exportRoutes(deps: ReportDeps) {
  const { analytics, viewersNow } = deps
  const reader = readers(deps)
  const session = createRoute({
    tags,
    security: signedIn,
    method: 'get',
    path: '/sessions/{id}/export',
    summary: 'The viewings of a show, or its curve, as CSV or JSON; for who may see its report',
    request: {
      params: Path,
      query: z.strictObject({ of: z.enum(['viewings', 'curve']).default('viewings'), format: Format }),
    },
    responses: file,
  })
  const channel = createRoute({
    tags,
    security: signedIn,
    method: 'get',
    path: '/channels/{id}/export',
    summary: 'The shows of a channel as CSV or JSON; for who may see its report',
    request: { params: Path, query: Period.extend({ format: Format }) },
    responses: file,
  })

  return createRouter()
    .openapi(session, async (c) => {
      const { of, format } = c.req.valid('query')
      const found = await reader.session(c, c.req.valid('param').id)
      if (of === 'curve') {
        const { curve } = reportView(await analytics.sessionReport(found), viewersNow(found.id))
        return send(c, `curve-${found.id}`, format, once(curve))
      }
      return send(c, `viewings-${found.id}`, format, viewingRows(analytics.viewings.all(found)))
    })
    .openapi(channel, async (c) => {
      const { format, ...period } = c.req.valid('query')
      const channelId = await reader.channel(c, c.req.valid('param').id)
      const { from, until } = periodOf(period, deps.clock.now())
      const report = channelReportView(await analytics.channelReport(channelId, from, until), from, until)
      const rows = report.shows.map(({ session: show, watchedMs, averageMs, revenue, ...figures }) => ({
        ...show,
        ...figures,
        minutesWatched: minutes(watchedMs),
        averageMinutes: minutes(averageMs),
        revenue: revenue.map(({ amount, digits, currency }) => `${amount / 10 ** digits} ${currency}`).join('; '),
      }))
      return send(c, `shows-${channelId}`, format, once(rows))
    })
}

type Row = Record<string, Cell>
type Viewings = ReturnType<ReportDeps['analytics']['viewings']['all']>

async function* once(rows: Row[]): AsyncGenerator<Row[]> {
  yield rows
}

async function* viewingRows(pages: Viewings): AsyncGenerator<Row[]> {
  for await (const page of pages) {
    yield page.map(viewingView).map(({ watchedMs, ...viewing }) => ({ ...viewing, minutes: minutes(watchedMs) }))
  }
}

/** Sent as it is read: a big show is never held whole. */
function send(c: Context<HttpEnv>, name: string, format: 'csv' | 'json', pages: AsyncGenerator<Row[]>): Response {
  const encoder = new TextEncoder()
  const texts = format === 'csv' ? csvTexts(pages) : jsonTexts(pages)
  const body = ReadableStream.from(texts).pipeThrough(
    new TransformStream<string, Uint8Array>({
      transform: (text, controller) => controller.enqueue(encoder.encode(text)),
    }),
  )
  return c.body(body as ReadableStream, 200, {
    'Content-Type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json',
    'Content-Disposition': `attachment; filename="${name}.${format}"`,
  })
}

async function* csvTexts(pages: AsyncGenerator<Row[]>): AsyncGenerator<string> {
  let isFirst = true
  for await (const rows of pages) {
    const head = isFirst && rows[0] ? csvLine(Object.keys(rows[0])) : ''
    isFirst = false
    yield head + rows.map((row) => csvLine(Object.values(row))).join('')
  }
}

async function* jsonTexts(pages: AsyncGenerator<Row[]>): AsyncGenerator<string> {
  let before = '['
  for await (const rows of pages) {
    for (const row of rows) {
      yield before + JSON.stringify(row)
      before = ',\n'
    }
  }
  yield before === '[' ? '[]' : ']'
}
