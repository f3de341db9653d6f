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
import { ROLES } from '../platform/user.ts'
import { type Accounts, type Person, STATUSES } from './accounts.ts'
import type { Invitation } from './invitations.ts'
import { Email, iso, Me } from './sign-in-routes.ts'

const tags = ['operator']
const PersonView = Me.extend({
  status: z.enum(STATUSES),
  statusReason: z.string().nullable(),
  statusUntil: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  hasSecondFactor: z.boolean(),
  wantsToCreate: z.boolean().openapi({ description: 'Asked to become a creator; a role answers it.' }),
}).openapi('User')
const Path = z.strictObject({ id: z.string().min(1).max(64) })
const own = { ...unauthenticated, ...refusals }

const PersonPatch = z.strictObject({
  role: z.enum(ROLES).optional(),
  status: z.enum(STATUSES).optional(),
  statusReason: z.string().trim().max(500).nullable().optional(),
  statusUntil: z.iso.datetime().nullable().optional(),
  wantsToCreate: z.literal(false).optional().openapi({ description: 'Answers their wish to create with no.' }),
})

const listRoute = createRoute({
  method: 'get',
  path: '/users',
  tags,
  summary: 'Everybody, or who fits, newest first; for admins',
  security: signedIn,
  request: {
    query: PageQuery.extend({
      search: z.string().trim().min(1).max(100).optional().openapi({ description: 'Part of a name or an address.' }),
      role: z.enum(ROLES).optional(),
      status: z.enum(STATUSES).optional(),
      wantsToCreate: z.stringbool().optional(),
    }),
  },
  responses: {
    200: answer('A page of people', z.object({ users: z.array(PersonView), nextCursor: z.string().nullable() })),
    ...own,
  },
})

const patchRoute = createRoute({
  method: 'patch',
  path: '/users/{id}',
  tags,
  summary: 'Change a role or status; effective at once: sign-ins end, shows end; for admins',
  security: signedIn,
  request: { params: Path, body: json(PersonPatch) },
  responses: { 200: answer('As it is now', PersonView), ...notFound, ...own },
})

const InvitationView = z
  .object({
    id: z.string(),
    role: z.string(),
    note: z.string(),
    email: z.string().nullable(),
    expiresAt: z.iso.datetime(),
    createdAt: z.iso.datetime(),
  })
  .openapi('AccountInvitation')

const invitationsRoute = createRoute({
  method: 'get',
  path: '/operator/invitations',
  tags,
  summary: 'Open invitations, at most 100; for admins',
  security: signedIn,
  responses: { 200: answer('Open ones', z.object({ invitations: z.array(InvitationView) })), ...own },
})

const inviteRoute = createRoute({
  method: 'post',
  path: '/operator/invitations',
  tags,
  summary: 'Invite somebody, as a viewer or a creator; the word is shown this once; for admins',
  security: signedIn,
  request: {
    body: json(
      z.strictObject({
        role: z.enum(['viewer', 'creator']),
        note: z.string().trim().max(120).default(''),
        email: Email.nullable()
          .default(null)
          .openapi({ description: 'Mailed there; without it the link is yours to hand on.' }),
        days: z.number().int().min(1).max(365).default(14),
      }),
    ),
  },
  responses: { 201: answer('The invitation', InvitationView.extend({ word: z.string() })), ...conflict, ...own },
})

const resendRoute = createRoute({
  method: 'post',
  path: '/operator/invitations/{id}/resend',
  tags,
  summary: 'A new word for an open invitation, mailed again where it was; the old one is void; for admins',
  security: signedIn,
  request: { params: Path },
  responses: { 200: answer('The invitation', InvitationView.extend({ word: z.string() })), ...notFound, ...own },
})

const withdrawRoute = createRoute({
  method: 'delete',
  path: '/operator/invitations/{id}',
  tags,
  summary: 'Withdraw an invitation; for admins',
  security: signedIn,
  request: { params: Path },
  responses: { 204: { description: 'Withdrawn' }, ...notFound, ...own },
})

/** What admins do with people. */
export function peopleRoutes({ accounts }: { accounts: Accounts }) {
  const { invitations } = accounts
  return createRouter()
    .openapi(listRoute, async (c) => {
      const { items, nextCursor } = await accounts.list(requireUser(c), c.req.valid('query'))
      return c.json({ users: items.map(view), nextCursor }, 200)
    })
    .openapi(patchRoute, async (c) => {
      const { statusUntil, ...change } = c.req.valid('json')
      const until = typeof statusUntil === 'string' ? Date.parse(statusUntil) : statusUntil
      const whole = { ...change, ...(until === undefined ? {} : { statusUntil: until }) }
      const person = await accounts.update(requireUser(c), c.req.valid('param').id, whole)
      return c.json(view(person), 200)
    })
    .openapi(invitationsRoute, async (c) => {
      return c.json({ invitations: (await invitations.list(requireUser(c))).map(viewInvitation) }, 200)
    })
    .openapi(inviteRoute, async (c) => {
      const { word, ...made } = await invitations.create(requireUser(c), c.req.valid('json'))
      return c.json({ ...viewInvitation(made), word }, 201)
    })
    .openapi(resendRoute, async (c) => {
      const { word, ...made } = await invitations.resend(requireUser(c), c.req.valid('param').id)
      return c.json({ ...viewInvitation(made), word }, 200)
    })
    .openapi(withdrawRoute, async (c) => {
      await invitations.withdraw(requireUser(c), c.req.valid('param').id)
      return c.body(null, 204)
    })
}

function view({ statusUntil, createdAt, creatorWishAt, ...rest }: Person) {
  const until = statusUntil === null ? null : iso(statusUntil)
  return { ...rest, statusUntil: until, createdAt: iso(createdAt), wantsToCreate: creatorWishAt !== null }
}

function viewInvitation({ expiresAt, createdAt, ...rest }: Invitation) {
  return { ...rest, expiresAt: iso(expiresAt), createdAt: iso(createdAt) }
}
