import { createRoute, z } from '@hono/zod-openapi'
import { DomainError } from '../platform/errors.ts'
import {
  answer,
  bytesOf,
  conflict,
  createRouter,
  limitRate,
  notFound,
  pictureBody,
  refusals,
  requireUser,
  signedIn,
  unauthenticated,
} from '../platform/http.ts'
import type { RateLimit } from '../platform/rate-limit.ts'
import type { User } from '../platform/user.ts'
import type { Covers } from './covers.ts'

interface Deps {
  live: {
    covers: Pick<Covers, 'setOf' | 'setOfChannel'>
    get(id: string, viewer: User): Promise<{ thumbnailUrl: string | null }>
  }
  /** For somebody who may run the channel: what writes a picture to it, and gives the one it had. */
  ownChannel(actor: User, idOrSlug: string): Promise<(picture: string) => Promise<string | null>>
  uploads: RateLimit
}

const common = {
  method: 'put',
  security: signedIn,
  request: { params: z.strictObject({ id: z.string().min(1).max(64) }), body: pictureBody('8 MB') },
} as const
const responses = {
  200: answer('Where it is fetched', z.object({ thumbnailUrl: z.string().nullable() })),
  ...unauthenticated,
  ...notFound,
  ...conflict,
  ...refusals,
}

const ofSession = createRoute({
  ...common,
  tags: ['sessions'],
  path: '/sessions/{id}/picture',
  summary:
    'What a show that is not open to all is shown by: a picture of 8 MB at the most; for the owner of its channel',
  responses,
})
const ofChannel = createRoute({
  ...common,
  tags: ['channels'],
  path: '/channels/{id}/picture',
  summary: 'The same for the shows of a channel to come; for its owner',
  responses,
})

/** The body is the picture itself, as a browser sends a file. */
export function coverRoutes({ live, ownChannel, uploads }: Deps) {
  const { covers } = live
  const router = createRouter()
  for (const path of ['/sessions/:id/picture', '/channels/:id/picture']) router.use(path, limitRate(uploads))
  return router
    .openapi(ofSession, async (c) => {
      const user = requireUser(c)
      const { id } = c.req.valid('param')
      await covers.setOf(user, [id], await bytesOf(c.req))
      const { thumbnailUrl } = await live.get(id, user)
      return c.json({ thumbnailUrl }, 200)
    })
    .openapi(ofChannel, async (c) => {
      const user = requireUser(c)
      const keep = await ownChannel(user, c.req.valid('param').id)
      return c.json({ thumbnailUrl: await covers.setOfChannel(await bytesOf(c.req), keep) }, 200)
    })
}

/** A picture's address is told by the shows it stands for, and never means another picture. */
export function pictureRoutes({ covers }: { covers: Pick<Covers, 'picture'> }) {
  return createRouter().get('/media/pictures/:id/:file', async (c) => {
    c.header('Cache-Control', 'no-store')
    const { id, file } = c.req.param()
    const bytes = await covers.picture(id, file)
    if (!bytes) throw new DomainError('not_found', 'no_picture', 'There is no such picture.')
    return c.body(new Uint8Array(bytes), 200, {
      'Cache-Control': 'public, max-age=86400, immutable',
      'Content-Type': 'image/jpeg',
    })
  })
}
