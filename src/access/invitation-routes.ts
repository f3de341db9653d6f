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
import type { RateLimit } from '../platform/rate-limit.ts'
import type { User } from '../platform/user.ts'
import type { Invitations, Scope } from './access.ts'
import type { Invitation } from './invitations.ts'

interface Deps {
  invitations: Invitations
  /** The channel of a channel or session, for somebody who may run it; throws for anybody else. */
  ownChannelOf(
    actor: User,
    target: { channelId: string } | { sessionId: string },
  ): Promise<{ channelId: string; scope: Scope }>
  /** Where a channel's page is. */
  pathOf(channelId: string): Promise<string>
  /** How often one account may try a secret. */
  tries: RateLimit
}

const id = z.string().min(1).max(64)
const Path = z.strictObject({ id })
const NewInvitation = z.strictObject({
  label: z.string().trim().max(80).default(''),
  maxUses: z.number().int().min(1).max(10_000).default(1),
  expiresAt: z.iso.datetime({ offset: true }).nullable().default(null),
})
const View = z
  .object({
    id: z.string(),
    scope: z.string(),
    label: z.string(),
    maxUses: z.number().int(),
    uses: z.number().int(),
    expiresAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
  })
  .openapi('ShowInvitation')
const shared = { tags: ['invitations'], security: signedIn }
const asked = { ...unauthenticated, ...notFound, ...refusals }

/** Invitations to a session (`/sessions/{id}`) or to all private shows of a channel (`/channels/{id}`). */
export function invitationRoutes({ invitations, ownChannelOf, pathOf, tries }: Deps) {
  const Made = View.extend({
    link: z.string().openapi({ description: 'Told this once; whoever opens it signed in is invited.' }),
  })
  const router = createRouter()

  for (const kind of ['sessions', 'channels'] as const) {
    const target = (of: string) => (kind === 'sessions' ? { sessionId: of } : { channelId: of })
    const what = kind === 'sessions' ? 'a session' : 'the private shows of a channel'
    const create = createRoute({
      ...shared,
      method: 'post',
      path: `/${kind}/{id}/invitations`,
      summary: `Make a link that invites to ${what}; for the owner`,
      request: { params: Path, body: json(NewInvitation) },
      responses: { 201: answer('The invitation and its link', Made), ...asked, ...conflict },
    })
    const list = createRoute({
      ...shared,
      method: 'get',
      path: `/${kind}/{id}/invitations`,
      summary: `Invitations to ${what}; for the owner`,
      request: { params: Path },
      responses: { 200: answer('All of them', z.object({ invitations: z.array(View) })), ...asked },
    })
    router.openapi(create, async (c) => {
      const user = requireUser(c)
      const { channelId, scope } = await ownChannelOf(user, target(c.req.valid('param').id))
      const { expiresAt, ...rest } = c.req.valid('json')
      const until = expiresAt === null ? null : Date.parse(expiresAt)
      const { invitation, secret } = await invitations.create(user, channelId, scope, { ...rest, expiresAt: until })
      // In the fragment: it reaches no log and no referrer.
      return c.json({ ...view(invitation), link: `${await pathOf(channelId)}#invitation=${secret}` }, 201)
    })
    router.openapi(list, async (c) => {
      const { scope } = await ownChannelOf(requireUser(c), target(c.req.valid('param').id))
      return c.json({ invitations: (await invitations.list(scope)).map(view) }, 200)
    })
  }

  const remove = createRoute({
    ...shared,
    method: 'delete',
    path: '/show-invitations/{id}',
    summary: 'Take an invitation back, with all rights that came of it; for the owner',
    request: { params: Path },
    responses: { 204: { description: 'Taken back' }, ...asked },
  })
  const accept = createRoute({
    ...shared,
    method: 'post',
    path: '/show-invitations/accept',
    summary: 'Accept an invitation with the secret of its link',
    request: { body: json(z.strictObject({ secret: z.string().min(20).max(100) })) },
    responses: { 200: answer('What it is for', z.object({ channelId: z.string(), scope: z.string() })), ...asked },
  })
  return router
    .openapi(remove, async (c) => {
      const user = requireUser(c)
      const found = await invitations.find(c.req.valid('param').id)
      if (!found) throw new DomainError('not_found', 'no_such_invitation', 'There is no such invitation.')
      await ownChannelOf(user, { channelId: found.channelId })
      await invitations.remove(user, found)
      return c.body(null, 204)
    })
    .openapi(accept, async (c) => {
      const { id: userId } = requireUser(c)
      await tries.take(userId)
      const { channelId, scope } = await invitations.accept(userId, c.req.valid('json').secret)
      return c.json({ channelId, scope }, 200)
    })
}

const iso = (at: number) => new Date(at).toISOString()

function view({ channelId: _known, expiresAt, createdAt, ...rest }: Invitation) {
  return { ...rest, expiresAt: expiresAt === null ? null : iso(expiresAt), createdAt: iso(createdAt) }
}
