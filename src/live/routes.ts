import { createRoute, z } from '@hono/zod-openapi'
import { DomainError } from '../platform/errors.ts'
import {
  answer,
  conflict,
  createRouter,
  json,
  notFound,
  refusals,
  requireUser,
  signedIn,
  unauthenticated,
} from '../platform/http.ts'
import { PageQuery } from '../platform/paging.ts'
import { TimeZone } from '../platform/time-zone.ts'
import type { Checkup, Live, SessionView } from './live.ts'
import { COVERS, SESSION_STATES, SESSION_VISIBILITIES } from './session-states.ts'
import { isBlurred } from './thumbnails.ts'

export { coverRoutes, pictureRoutes } from './cover-routes.ts'

export const sessionView = z
  .object({
    id: z.string(),
    code: z.string().openapi({ description: 'Short, for people to read aloud.' }),
    channelId: z.string(),
    state: z.enum(SESSION_STATES),
    title: z.string(),
    description: z.string(),
    category: z.string().nullable(),
    tags: z.array(z.string()),
    scheduledAt: z.iso.datetime().nullable().openapi({ description: 'Planned for; null where it was not planned.' }),
    durationMinutes: z.number().int().nullable().openapi({ description: 'How long it was planned to be.' }),
    timeZone: z.string().nullable().openapi({ description: 'The zone its time was given in, as IANA names it.' }),
    startedAt: z.iso.datetime().nullable(),
    pausedAt: z.iso.datetime().nullable(),
    endedAt: z.iso.datetime().nullable(),
    endReason: z.string().nullable(),
    visibility: z.enum(SESSION_VISIBILITIES),
    requiredTier: z.number().int().nullable(),
    previewMinutes: z.number().int(),
    freeMaxHeight: z.number().int().nullable(),
    cover: z.enum(COVERS),
    pictureUrl: z.string().nullable().openapi({ description: 'The picture that is chosen for it.' }),
    note: z.string().nullable().openapi({ description: 'What the broadcaster could mend about their source.' }),
    renditions: z.array(
      z.object({ id: z.string(), width: z.number(), height: z.number(), frameRate: z.number(), bitrate: z.number() }),
    ),
    ladderReason: z.string().nullable().openapi({
      description: 'How many renditions are made and why, while on air; null for anybody who may not run the channel.',
    }),
    thumbnailUrl: z.string().nullable().openapi({
      example: '/media/thumbnails/…/640.jpg?v=…',
      description:
        'A JPEG made every ten seconds, its longer side 640 pixels at the most; 320.jpg and 1280.jpg beside it.',
    }),
    previewUrl: z.string().nullable().openapi({
      example: '/media/thumbnails/…/preview-….webp',
      description: 'Its last minute as a short animated WebP; made every minute.',
    }),
    storyboardUrl: z
      .string()
      .nullable()
      .openapi({
        example: '/media/thumbnails/…/storyboard.json',
        description:
          'Small pictures of what may be rewound to: `{ sheets: [{ url, width, height, columns, times }] }`. Each sheet is a JPEG ' +
          '(its address relative to the index) of tiles of that size, row by row; `times` says when each was on air.',
      }),
    viewers: z.number().int(),
    peakViewers: z.number().int(),
    version: z.number().int(),
  })
  .openapi('Session') satisfies z.ZodType<SessionView>

const SessionPath = z.strictObject({ id: z.string().min(1).max(64) })
const SessionsQuery = PageQuery.extend({
  channelId: z.string().min(1).max(64).optional(),
  state: z.enum(SESSION_STATES).optional(),
})
/** What is said of a session, and what it asks of its viewers. */
const said = {
  description: z.string().trim().max(5_000).optional(),
  category: z.string().trim().max(60).nullable().optional(),
  tags: z.array(z.string().trim().min(1).max(40)).max(20).optional(),
  visibility: z.enum(SESSION_VISIBILITIES).optional().openapi({
    description: 'Who it is for. Unlisted: in no list, open by its address. Private: for invited people alone.',
  }),
  requiredTier: z.number().int().min(1).max(3).nullable().optional().openapi({
    description: 'Members: from this tier up. Ticket: members from this tier up need none.',
  }),
  previewMinutes: z.number().int().min(0).max(120).optional().openapi({
    description: 'Free minutes for each who may not watch otherwise; 0 for none.',
  }),
  freeMaxHeight: z.literal([240, 360, 480, 720, 1080]).nullable().optional().openapi({
    description: 'The greatest height for those who hold no ticket and no membership; null for no limit.',
  }),
  cover: z.enum(COVERS).optional().openapi({
    description:
      'What those see of it who may not watch it: its stills blurred, the picture that was uploaded, or nothing.',
  }),
}
const lasts = {
  durationMinutes: z.number().int().min(5).max(1_440).nullable().optional(),
  timeZone: TimeZone.nullable().optional(),
}
const When = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))
const NewSession = z.strictObject({ title: z.string().trim().min(1).max(150), scheduledAt: When, ...lasts, ...said })
const SessionPatch = z.strictObject({
  title: z.string().trim().max(150).optional(),
  ...said,
  ...lasts,
  scheduledAt: When.optional().openapi({ description: 'While it has not begun.' }),
  version: z
    .number()
    .int()
    .optional()
    .openapi({ description: 'What the change is made from; 409 when it is not the newest.' }),
})
const Health = z
  .object({
    at: z.iso.datetime().openapi({ description: 'To be given back as `since`.' }),
    source: z
      .object({
        videoCodec: z.string().nullable(),
        audioCodec: z.string().nullable(),
        width: z.number().nullable(),
        height: z.number().nullable(),
        videoBitrate: z.number(),
        audioBitrate: z.number(),
        frameRate: z.number().nullable(),
        keyframeIntervalMs: z.number().nullable(),
        longestKeyframeIntervalMs: z.number().nullable(),
        unevenSteps: z.number().nullable(),
        bFrames: z.boolean(),
        droppedFrames: z.number().nullable(),
        jitterMs: z.number(),
        timestampJumps: z.number(),
      })
      .nullable()
      .openapi({ description: 'Null while nothing is coming in.' }),
    encoder: z.object({ state: z.string().nullable(), behindMs: z.number().nullable() }),
    ladderReason: z.string().nullable().openapi({ description: 'How many qualities are made, and why.' }),
    findings: z
      .array(
        z.object({
          id: z.string(),
          level: z.enum(['green', 'amber', 'red']),
          title: z.string(),
          advice: z.string().nullable(),
        }),
      )
      .openapi({ description: 'What the stream doctor found, and the sentence that mends it.' }),
    samples: z
      .array(
        z.object({
          at: z.iso.datetime(),
          bitrate: z.number(),
          frameRate: z.number().nullable(),
          viewers: z.number().int(),
          encoderSpeed: z.number().nullable(),
        }),
      )
      .openapi({ description: 'One every two seconds, five minutes at the most, the oldest first.' }),
  })
  .openapi('SessionHealth')
const SessionList = z.object({ sessions: z.array(sessionView), nextCursor: z.string().nullable() })

const shared = { tags: ['sessions'] }

export function liveRoutes({ live }: { live: Pick<Live, 'list' | 'get' | 'plan' | 'update' | 'end' | 'health'> }) {
  const list = createRoute({
    ...shared,
    method: 'get',
    path: '/sessions',
    summary: 'Sessions, the newest first; unlisted and private ones of a channel for its owner alone',
    request: { query: SessionsQuery },
    responses: { 200: answer('A page of sessions', SessionList), ...refusals },
  })
  const get = createRoute({
    ...shared,
    method: 'get',
    path: '/sessions/{id}',
    summary: 'One session, by its id or its public code; private ones for those who may watch them',
    request: { params: SessionPath },
    responses: { 200: answer('The session', sessionView), ...refusals, ...notFound },
  })
  const update = createRoute({
    ...shared,
    security: signedIn,
    method: 'patch',
    path: '/sessions/{id}',
    summary: 'Change what is said of a session and who it is for, also in mid-show; for the owner of its channel',
    request: { params: SessionPath, body: json(SessionPatch) },
    responses: { 200: answer('As it is now', sessionView), ...refusals, ...unauthenticated, ...notFound, ...conflict },
  })
  const plan = createRoute({
    ...shared,
    security: signedIn,
    method: 'post',
    path: '/channels/{id}/sessions',
    summary: 'Plan a show; who publishes from an hour before to six hours after takes it up. For the owner',
    request: { params: SessionPath, body: json(NewSession) },
    responses: {
      201: answer('As it is planned', sessionView),
      ...refusals,
      ...unauthenticated,
      ...notFound,
      ...conflict,
    },
  })
  const end = createRoute({
    ...shared,
    security: signedIn,
    method: 'post',
    path: '/sessions/{id}/end',
    summary: 'End a session now, for good',
    request: { params: SessionPath },
    responses: { 200: answer('As it ended', sessionView), ...refusals, ...unauthenticated, ...notFound },
  })
  const health = createRoute({
    ...shared,
    security: signedIn,
    method: 'get',
    path: '/sessions/{id}/health',
    summary: 'How a broadcast is doing, and what would mend it; for the owner of its channel',
    request: {
      params: SessionPath,
      query: z.strictObject({
        since: z.iso.datetime().optional().openapi({ description: 'Only samples after this.' }),
      }),
    },
    responses: { 200: answer('As it is now', Health), ...refusals, ...unauthenticated, ...notFound },
  })

  return createRouter()
    .openapi(health, async (c) => {
      const { since } = c.req.valid('query')
      const found = await live.health(requireUser(c), c.req.valid('param').id, since ? Date.parse(since) : 0)
      return c.json(healthView(found), 200)
    })
    .openapi(list, async (c) => {
      const { items, nextCursor } = await live.list(c.req.valid('query'), c.get('user'))
      return c.json({ sessions: items, nextCursor }, 200)
    })
    .openapi(get, async (c) => c.json(await live.get(c.req.valid('param').id, c.get('user')), 200))
    .openapi(plan, async (c) =>
      c.json(await live.plan(requireUser(c), c.req.valid('param').id, c.req.valid('json')), 201),
    )
    .openapi(update, async (c) =>
      c.json(await live.update(requireUser(c), c.req.valid('param').id, c.req.valid('json')), 200),
    )
    .openapi(end, async (c) => c.json(await live.end(requireUser(c), c.req.valid('param').id), 200))
}

function healthView({ at, source, samples, ...rest }: Checkup): z.infer<typeof Health> {
  return {
    ...rest,
    at: new Date(at).toISOString(),
    source: source && withoutArrival(source),
    samples: samples.map(({ at: taken, droppedFrames: _counted, ...figures }) => ({
      ...figures,
      at: new Date(taken).toISOString(),
    })),
  }
}

function withoutArrival({ lastMediaAt: _arrived, ...source }: NonNullable<Checkup['source']>) {
  return source
}

/** An hour: what anybody may see today may be closed tomorrow. */
const LASTING = 'public, max-age=3600, immutable'

interface ThumbnailDeps {
  live: { thumbnail: Live['thumbnail']; covers: Pick<Live['covers'], 'showsBlurred'> }
  /** Whether anybody may watch this session, known or not: only then may a cache keep what is shown of it. */
  isOpenToAll(sessionId: string): Promise<boolean>
}

/** Stills, storyboards and previews are fetched like files of a site: by a plain address, outside the API. */
export function thumbnailRoutes({ live, isOpenToAll }: ThumbnailDeps) {
  return createRouter().get('/media/thumbnails/:sessionId/:file', async (c) => {
    const { sessionId, file } = c.req.param()
    c.header('Cache-Control', 'no-store')
    const mayBeShown = isBlurred(file) ? live.covers.showsBlurred : isOpenToAll
    if (!(await mayBeShown(sessionId))) {
      throw new DomainError('not_found', 'no_thumbnail', 'There is no picture of this.')
    }
    const found = await live.thumbnail(sessionId, file, c.req.query('v'))
    if (!found) throw new DomainError('not_found', 'no_thumbnail', 'There is no picture of this.')
    const headers = { 'Cache-Control': found.isLasting ? LASTING : 'public, max-age=10', ETag: found.etag }
    if (c.req.header('if-none-match')?.includes(found.etag)) return c.body(null, 304, headers)
    return c.body(new Uint8Array(found.bytes), 200, { ...headers, 'Content-Type': found.type })
  })
}
