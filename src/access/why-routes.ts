import { createRoute, z } from '@hono/zod-openapi'
import { DomainError } from '../platform/errors.ts'
import { answer, createRouter, notFound, refusals, requireUser, signedIn, unauthenticated } from '../platform/http.ts'
import type { User } from '../platform/user.ts'
import type { Access } from './access.ts'
import { VISIBILITIES } from './access.ts'

interface Deps {
  access: Access
  /** The session's id, for somebody who may run its channel; throws for anybody else. */
  ownSession(actor: User, idOrCode: string): Promise<string>
}

const Why = z
  .object({
    decision: z.object({
      allowed: z.boolean(),
      reason: z.string().nullable(),
      next: z.string().nullable(),
      maxHeight: z.number().nullable(),
      previewEndsAt: z.iso.datetime().nullable(),
      until: z.iso.datetime().nullable(),
    }),
    asked: z.object({
      visibility: z.enum(VISIBILITIES),
      requiredTier: z.number().nullable(),
      previewMinutes: z.number(),
      freeMaxHeight: z.number().nullable(),
    }),
    person: z
      .object({
        isActive: z.boolean(),
        isVerified: z.boolean(),
        isAdmin: z.boolean(),
        isModerator: z.boolean(),
        isBanned: z.boolean(),
        isFollower: z.boolean(),
        rights: z.array(
          z.object({
            scope: z.string(),
            tier: z.number(),
            expiresAt: z.iso.datetime().nullable(),
            isOver: z.boolean(),
          }),
        ),
      })
      .nullable()
      .openapi({ description: 'What this account is to the channel; null for a stranger.' }),
    watching: z
      .array(z.object({ since: z.iso.datetime(), seenAt: z.iso.datetime(), until: z.iso.datetime().nullable() }))
      .openapi({ description: 'The viewings of this session the account has open.' }),
  })
  .openapi('Why')

/** Why somebody can or cannot watch, for who runs the channel. */
export function whyRoutes({ access, ownSession }: Deps) {
  const why = createRoute({
    method: 'get',
    path: '/sessions/{id}/access',
    tags: ['playback'],
    security: signedIn,
    summary: 'Why somebody can or cannot watch this; for the owner of the channel and admins',
    request: {
      params: z.strictObject({ id: z.string().min(1).max(64) }),
      query: z.strictObject({
        userId: z.string().min(1).max(64).optional().openapi({ description: 'Without it: a stranger.' }),
      }),
    },
    responses: {
      200: answer('The decision and what it is made of', Why),
      ...unauthenticated,
      ...notFound,
      ...refusals,
    },
  })

  return createRouter().openapi(why, async (c) => {
    const sessionId = await ownSession(requireUser(c), c.req.valid('param').id)
    const { userId = null } = c.req.valid('query')
    const found = await access.why(userId, sessionId)
    if (!found) throw new DomainError('not_found', 'no_such_session', 'There is no such session.')
    const { decision, target, standing, viewings, now } = found
    const limits = decision.allowed
      ? { reason: null, next: null, ...pick(decision), allowed: true }
      : { ...decision, ...NO_LIMITS, allowed: false }
    const { visibility, requiredTier, previewMinutes, freeMaxHeight } = target
    return c.json(
      {
        decision: limits,
        asked: { visibility, requiredTier, previewMinutes, freeMaxHeight },
        person: standing && {
          ...standing,
          rights: standing.rights.map(({ expiresAt, ...right }) => ({
            ...right,
            expiresAt: iso(expiresAt),
            isOver: expiresAt !== null && expiresAt <= now,
          })),
        },
        watching: viewings.map(({ beganAt, seenAt, until }) => ({
          since: new Date(beganAt).toISOString(),
          seenAt: new Date(seenAt).toISOString(),
          until: iso(until),
        })),
      },
      200,
    )
  })
}

const NO_LIMITS = { maxHeight: null, previewEndsAt: null, until: null }
const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())

const pick = (limits: { maxHeight: number | null; previewEndsAt: number | null; until: number | null }) => ({
  maxHeight: limits.maxHeight,
  previewEndsAt: iso(limits.previewEndsAt),
  until: iso(limits.until),
})
