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
import type { Live, SessionView } from './live.ts'
import { SESSION_STATES } from './session-states.ts'

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
    startedAt: z.iso.datetime().nullable(),
    pausedAt: z.iso.datetime().nullable(),
    endedAt: z.iso.datetime().nullable(),
    endReason: z.string().nullable(),
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
const SessionPatch = z.strictObject({
  title: z.string().trim().max(150).optional(),
  description: z.string().trim().max(5_000).optional(),
  category: z.string().trim().max(60).nullable().optional(),
  tags: z.array(z.string().trim().min(1).max(40)).max(20).optional(),
  version: z
    .number()
    .int()
    .optional()
    .openapi({ description: 'What the change is made from; 409 when it is not the newest.' }),
})
const SessionList = z.object({ sessions: z.array(sessionView), nextCursor: z.string().nullable() })

const shared = { tags: ['sessions'] }

export function liveRoutes({ live }: { live: Pick<Live, 'list' | 'get' | 'update' | 'end'> }) {
  const list = createRoute({
    ...shared,
    method: 'get',
    path: '/sessions',
    summary: 'Sessions, the newest first',
    request: { query: SessionsQuery },
    responses: { 200: answer('A page of sessions', SessionList), ...refusals },
  })
  const get = createRoute({
    ...shared,
    method: 'get',
    path: '/sessions/{id}',
    summary: 'One session, by its id or its public code',
    request: { params: SessionPath },
    responses: { 200: answer('The session', sessionView), ...refusals, ...notFound },
  })
  const update = createRoute({
    ...shared,
    security: signedIn,
    method: 'patch',
    path: '/sessions/{id}',
    summary: 'Change what is said of a session',
    request: { params: SessionPath, body: json(SessionPatch) },
    responses: { 200: answer('As it is now', sessionView), ...refusals, ...unauthenticated, ...notFound, ...conflict },
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

  return createRouter()
    .openapi(list, async (c) => {
      const { items, nextCursor } = await live.list(c.req.valid('query'), c.get('user'))
      return c.json({ sessions: items, nextCursor }, 200)
    })
    .openapi(get, async (c) => c.json(await live.get(c.req.valid('param').id, c.get('user')), 200))
    .openapi(update, async (c) =>
      c.json(await live.update(requireUser(c), c.req.valid('param').id, c.req.valid('json')), 200),
    )
    .openapi(end, async (c) => c.json(await live.end(requireUser(c), c.req.valid('param').id), 200))
}

/** An hour: what anybody may see today may be closed tomorrow. */
const LASTING = 'public, max-age=3600, immutable'

interface ThumbnailDeps {
  live: Pick<Live, 'thumbnail'>
  /** Whether anybody may watch this session, known or not: only then may a cache keep what is shown of it. */
  isOpenToAll(sessionId: string): Promise<boolean>
}

/** Stills, storyboards and previews are fetched like files of a site: by a plain address, outside the API. */
export function thumbnailRoutes({ live, isOpenToAll }: ThumbnailDeps) {
  return createRouter().get('/media/thumbnails/:sessionId/:file', async (c) => {
    const { sessionId, file } = c.req.param()
    c.header('Cache-Control', 'no-store')
    if (!(await isOpenToAll(sessionId))) {
      throw new DomainError('forbidden', 'not_open_to_all', 'You may not see this.')
    }
    const found = await live.thumbnail(sessionId, file, c.req.query('v'))
    if (!found) throw new DomainError('not_found', 'no_thumbnail', 'There is no picture of this.')
    const headers = { 'Cache-Control': found.isLasting ? LASTING : 'public, max-age=10', ETag: found.etag }
    if (c.req.header('if-none-match')?.includes(found.etag)) return c.body(null, 304, headers)
    return c.body(new Uint8Array(found.bytes), 200, { ...headers, 'Content-Type': found.type })
  })
}
