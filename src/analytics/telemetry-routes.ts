import { createRoute, z } from '@hono/zod-openapi'
import { DomainError } from '../platform/errors.ts'
import { createRouter, json, notFound, refusals } from '../platform/http.ts'
import type { RateLimit } from '../platform/rate-limit.ts'
import { EVENT_KINDS, type Telemetry } from './telemetry.ts'

interface Viewing {
  viewingId: string
  sessionId: string
}

interface Deps {
  telemetry: Pick<Telemetry, 'take'>
  /** The viewing a token is good for, or why it is for none. */
  verify(token: string, sessionId: string): Viewing | string | Promise<Viewing | string>
  /** The site an address is on, unless it is one of ours. */
  siteOf(referrer: string | undefined, ourHost: string | undefined): string | null
  /** Batches of one viewing. */
  batches: RateLimit
}

const HOUR_MS = 3_600_000
const duration = z.int().min(0).max(HOUR_MS)
const bitrate = z.int().min(0).max(200_000_000)
const PlaybackEvent = z
  .strictObject({
    kind: z.enum(EVENT_KINDS),
    ago: duration.openapi({ description: 'How long ago it was, milliseconds.' }),
    ms: duration.optional().openapi({ description: 'How long it took: until the first picture, or the standstill.' }),
    quality: z.string().max(20).optional(),
    bitrate: bitrate.optional(),
    bufferMs: duration.optional(),
    code: z
      .string()
      .regex(/^[\w.-]{1,60}$/)
      .optional(),
  })
  .openapi('PlaybackEvent')
const Batch = z.strictObject({
  token: z.string().min(1).max(600),
  sessionId: z.string().min(1).max(64),
  events: z.array(PlaybackEvent).max(50),
  bitrate: bitrate.optional().openapi({ description: 'Of what is shown now, bits a second.' }),
  referrer: z
    .string()
    .max(2_000)
    .optional()
    .openapi({ description: 'Where the page was come from; its site is kept.' }),
})

/** What players tell of how it plays. Anybody may, of a viewing whose token they hold. */
export function telemetryRoutes({ telemetry, verify, siteOf, batches }: Deps) {
  const tell = createRoute({
    tags: ['playback'],
    security: [{}],
    method: 'post',
    path: '/telemetry',
    summary: 'Tell how it plays, in batches; anybody, of a viewing whose playback token is good',
    request: { body: json(Batch) },
    responses: { 204: { description: 'Heard' }, ...refusals, ...notFound },
  })
  return createRouter().openapi(tell, async (c) => {
    const { token, sessionId, events, bitrate: shown = null, referrer } = c.req.valid('json')
    const viewing = await verify(token, sessionId)
    if (viewing === 'unknown') throw new DomainError('not_found', 'no_such_viewing', 'There is no such viewing.')
    if (typeof viewing === 'string') throw new DomainError('forbidden', viewing, 'This token is no longer good.')
    await batches.take(viewing.viewingId)
    telemetry.take(viewing, { events, bitrate: shown, referrer: siteOf(referrer, c.req.header('host')) })
    return c.body(null, 204)
  })
}
