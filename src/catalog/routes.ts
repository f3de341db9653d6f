import { createRoute, z } from '@hono/zod-openapi'
import { rungNames } from '../../config/ladders.ts'
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
import { chosenPicture } from '../platform/picture-address.ts'
import type { User } from '../platform/user.ts'
import { type Channel, type Channels, COVERS, SLUG, VISIBILITIES } from './catalog.ts'

export { peopleRoutes } from './people-routes.ts'

const Name = z.string().trim().min(1).max(80)
const Slug = z.string().min(SLUG.min).max(SLUG.max).regex(SLUG.pattern, 'small letters, digits and single hyphens')
const Description = z.string().trim().max(5_000)
const Visibility = z
  .enum(VISIBILITIES)
  .openapi({ description: 'Unlisted: in no list, open to whoever has the address.' })
const Ladder = z.union([z.enum(['auto', 'source']), z.array(z.enum(rungNames)).min(1).max(rungNames.length)]).openapi({
  description: 'The qualities beside the source, of those the node offers; from the next time the stream begins.',
})
const Cover = z.enum(COVERS).openapi({
  description:
    'What its new shows show to those who may not watch them: their stills blurred, its picture, or nothing.',
})
const ChannelPath = z.strictObject({ id: z.string().min(1).max(64) })

const NewChannel = z.strictObject({ name: Name, slug: Slug.optional(), description: Description.optional() })
const ChannelPatch = z.strictObject({
  name: Name.optional(),
  slug: Slug.optional(),
  description: Description.optional(),
  visibility: Visibility.optional(),
  ladder: Ladder.optional(),
  cover: Cover.optional(),
  suspended: z.boolean().optional().openapi({ description: 'For admins.' }),
  suspendedReason: z.string().trim().max(500).optional().openapi({ description: 'For admins.' }),
  version: z
    .number()
    .int()
    .optional()
    .openapi({ description: 'What the change is made from; 409 when it is not the newest.' }),
})

/** A session as `live` shows it to the world; here only its id matters. */
interface Session {
  id: string
}

interface Deps {
  channels: Channels
  /** What is on air now as far as this person may know of it, by channel. */
  liveOn(channelIds: string[], viewer: User | null): Promise<ReadonlyMap<string, Session>>
  sessionView: z.ZodType<Session>
}

export function catalogRoutes({ channels, liveOn, sessionView }: Deps) {
  const ChannelView = z
    .object({
      id: z.string(),
      slug: z.string(),
      name: z.string(),
      description: z.string(),
      ownerId: z.string(),
      suspended: z.boolean(),
      visibility: Visibility,
      ladder: Ladder,
      cover: Cover,
      pictureUrl: z.string().nullable(),
      version: z.number().int(),
      createdAt: z.iso.datetime(),
      updatedAt: z.iso.datetime(),
      live: sessionView.nullable(),
    })
    .openapi('Channel')

  const listRoute = createRoute({
    method: 'get',
    path: '/channels',
    tags: ['channels'],
    summary: 'Channels, live ones first, then the newest',
    security: [{}, ...signedIn],
    request: {
      query: PageQuery.extend({ mine: z.enum(['true']).optional().openapi({ description: 'Only those I own.' }) }),
    },
    responses: {
      200: answer('A page', z.object({ channels: z.array(ChannelView), nextCursor: z.string().nullable() })),
      ...unauthenticated,
      ...refusals,
    },
  })

  const getRoute = createRoute({
    method: 'get',
    path: '/channels/{id}',
    tags: ['channels'],
    summary: 'One channel, by id or by the name in its address',
    request: { params: ChannelPath },
    responses: { 200: answer('The channel', ChannelView), ...notFound, ...refusals },
  })

  const createChannelRoute = createRoute({
    method: 'post',
    path: '/channels',
    tags: ['channels'],
    summary: 'Open a channel; for creators and admins',
    security: signedIn,
    request: { body: json(NewChannel) },
    responses: { 201: answer('The new channel', ChannelView), ...unauthenticated, ...conflict, ...refusals },
  })

  const patchRoute = createRoute({
    method: 'patch',
    path: '/channels/{id}',
    tags: ['channels'],
    summary: 'Change a channel; for its owner and admins',
    security: signedIn,
    request: { params: ChannelPath, body: json(ChannelPatch) },
    responses: { 200: answer('As it is now', ChannelView), ...unauthenticated, ...notFound, ...conflict, ...refusals },
  })

  async function viewsOf(found: Channel[], viewer: User | null) {
    const live = await liveOn(
      found.map(({ id }) => id),
      viewer,
    )
    return found.map((channel) => view(channel, live.get(channel.id) ?? null))
  }

  async function viewOf(channel: Channel, viewer: User | null) {
    const live = await liveOn([channel.id], viewer)
    return view(channel, live.get(channel.id) ?? null)
  }

  return createRouter()
    .openapi(listRoute, async (c) => {
      const { mine, ...page } = c.req.valid('query')
      const { items, nextCursor } = await channels.list({ ...page, ownerId: mine ? requireUser(c).id : undefined })
      return c.json({ channels: await viewsOf(items, c.get('user')), nextCursor }, 200)
    })

    .openapi(getRoute, async (c) => {
      const channel = await channels.get(c.req.valid('param').id)
      return c.json(await viewOf(channel, c.get('user')), 200)
    })

    .openapi(createChannelRoute, async (c) => {
      const channel = await channels.create(requireUser(c), c.req.valid('json'))
      return c.json(await viewOf(channel, c.get('user')), 201)
    })

    .openapi(patchRoute, async (c) => {
      const channel = await channels.update(requireUser(c), c.req.valid('param').id, c.req.valid('json'))
      return c.json(await viewOf(channel, c.get('user')), 200)
    })
}

function view(channel: Channel, live: Session | null) {
  const { suspendedAt, suspendedReason: _reason, createdAt, updatedAt, picture, ...rest } = channel
  return {
    ...rest,
    suspended: suspendedAt !== null,
    pictureUrl: chosenPicture(channel),
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
    live,
  }
}
