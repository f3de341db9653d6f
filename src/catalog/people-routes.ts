import { createRoute, z } from '@hono/zod-openapi'
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
import type { RateLimit } from '../platform/rate-limit.ts'
import type { Known, People } from './people.ts'

const id = z.string().min(1).max(64)
const ChannelPath = z.strictObject({ id })
const PersonPath = z.strictObject({ id, userId: id })
const Followers = z.object({ followers: z.number().int(), following: z.boolean() }).openapi('Followers')
const Person = z
  .object({ userId: z.string(), name: z.string(), since: z.iso.datetime(), reason: z.string() })
  .openapi('ChannelPerson')
const Ban = z.strictObject({ reason: z.string().trim().max(500).default('') })

const shared = { tags: ['channels'], security: signedIn }
const nothing = { 204: { description: 'Done' }, ...unauthenticated, ...notFound, ...refusals }

interface Deps {
  people: People
  /** How often one account may follow and unfollow. */
  followLimit: RateLimit
}

/** Followers, moderators and bans of a channel. */
export function peopleRoutes({ people, followLimit }: Deps) {
  const count = createRoute({
    tags: ['channels'],
    security: [{}, ...signedIn],
    method: 'get',
    path: '/channels/{id}/follow',
    summary: 'How many follow a channel, and whether I do',
    request: { params: ChannelPath },
    responses: { 200: answer('The number, and mine', Followers), ...notFound, ...refusals },
  })
  const follow = createRoute({
    ...shared,
    method: 'put',
    path: '/channels/{id}/follow',
    summary: 'Follow a channel',
    request: { params: ChannelPath },
    responses: { 200: answer('As it is now', Followers), ...unauthenticated, ...notFound, ...refusals },
  })
  const unfollow = createRoute({
    ...shared,
    method: 'delete',
    path: '/channels/{id}/follow',
    summary: 'Follow a channel no longer',
    request: { params: ChannelPath },
    responses: { 200: answer('As it is now', Followers), ...unauthenticated, ...notFound, ...refusals },
  })
  const moderators = createRoute({
    ...shared,
    method: 'get',
    path: '/channels/{id}/moderators',
    summary: 'The moderators of a channel; for its owner, themselves and admins',
    request: { params: ChannelPath },
    responses: {
      200: answer('All of them', z.object({ moderators: z.array(Person) })),
      ...unauthenticated,
      ...notFound,
      ...refusals,
    },
  })
  const addModerator = createRoute({
    ...shared,
    method: 'put',
    path: '/channels/{id}/moderators/{userId}',
    summary: 'Make somebody a moderator; for the owner and admins',
    request: { params: PersonPath },
    responses: { ...nothing, ...conflict },
  })
  const removeModerator = createRoute({
    ...shared,
    method: 'delete',
    path: '/channels/{id}/moderators/{userId}',
    summary: 'A moderator no longer; for the owner and admins',
    request: { params: PersonPath },
    responses: nothing,
  })
  const bans = createRoute({
    ...shared,
    method: 'get',
    path: '/channels/{id}/bans',
    summary: 'Whom a channel shut out; for its owner, its moderators and admins',
    request: { params: ChannelPath, query: PageQuery },
    responses: {
      200: answer('A page', z.object({ bans: z.array(Person), nextCursor: z.string().nullable() })),
      ...unauthenticated,
      ...notFound,
      ...refusals,
    },
  })
  const ban = createRoute({
    ...shared,
    method: 'put',
    path: '/channels/{id}/bans/{userId}',
    summary: 'Shut somebody out of a channel, at once; for its owner, its moderators and admins',
    request: { params: PersonPath, body: json(Ban) },
    responses: { ...nothing, ...conflict },
  })
  const unban = createRoute({
    ...shared,
    method: 'delete',
    path: '/channels/{id}/bans/{userId}',
    summary: 'Let somebody in again; for the owner, the moderators and admins',
    request: { params: PersonPath },
    responses: nothing,
  })

  return createRouter()
    .openapi(count, async (c) =>
      c.json(await people.followers(c.get('user')?.id ?? null, c.req.valid('param').id), 200),
    )
    .openapi(follow, async (c) => {
      const user = requireUser(c)
      await followLimit.take(user.id)
      await people.follow(user.id, c.req.valid('param').id)
      return c.json(await people.followers(user.id, c.req.valid('param').id), 200)
    })
    .openapi(unfollow, async (c) => {
      const user = requireUser(c)
      await followLimit.take(user.id)
      await people.unfollow(user.id, c.req.valid('param').id)
      return c.json(await people.followers(user.id, c.req.valid('param').id), 200)
    })
    .openapi(moderators, async (c) => {
      const found = await people.moderators(requireUser(c), c.req.valid('param').id)
      return c.json({ moderators: found.map(view) }, 200)
    })
    .openapi(addModerator, async (c) => {
      const { id: channel, userId } = c.req.valid('param')
      await people.addModerator(requireUser(c), channel, userId)
      return c.body(null, 204)
    })
    .openapi(removeModerator, async (c) => {
      const { id: channel, userId } = c.req.valid('param')
      await people.removeModerator(requireUser(c), channel, userId)
      return c.body(null, 204)
    })
    .openapi(bans, async (c) => {
      const { items, nextCursor } = await people.bans(requireUser(c), c.req.valid('param').id, c.req.valid('query'))
      return c.json({ bans: items.map(view), nextCursor }, 200)
    })
    .openapi(ban, async (c) => {
      const { id: channel, userId } = c.req.valid('param')
      await people.ban(requireUser(c), channel, userId, c.req.valid('json').reason)
      return c.body(null, 204)
    })
    .openapi(unban, async (c) => {
      const { id: channel, userId } = c.req.valid('param')
      await people.unban(requireUser(c), channel, userId)
      return c.body(null, 204)
    })
}

const view = ({ since, ...rest }: Known) => ({ ...rest, since: new Date(since).toISOString() })
