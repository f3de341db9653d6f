import { randomBytes } from 'node:crypto'
import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { networkOf } from '../platform/client-address.ts'
import { DomainError, type RefusalKind } from '../platform/errors.ts'
import {
  answer,
  createRouter,
  type HttpEnv,
  json,
  notFound,
  paymentRequired,
  refusals,
  requireUser,
  signedIn,
  unauthenticated,
} from '../platform/http.ts'
import type { User } from '../platform/user.ts'
import type { Access, Decision, Reason, Viewer } from './access.ts'

export { invitationRoutes } from './invitation-routes.ts'
export { whyRoutes } from './why-routes.ts'

/** A session as `live` shows it to the world. */
interface Session {
  id: string
  state: string
}

interface Deps {
  access: Access
  sessionView: z.ZodType<Session>
  publicUrl: string
  /** The channel's session that can be watched now, or the one that was named; null when there is nothing they may know of. */
  sessionFor(target: Target, viewer: User | null): Promise<Session | null>
}

export type Target = { channelId: string } | { sessionId: string }

const id = z.string().min(1).max(100)
const previous = z.string().max(600).optional().openapi({
  description: 'The token this player has: its viewing goes on with a new one.',
})
const Wanted = z
  .union([z.strictObject({ channelId: id, previous }), z.strictObject({ sessionId: id, previous })])
  .openapi('PlaybackRequest')

const DEVICE_COOKIE = 'footlight_device'
const DEVICE = /^[\w-]{12}$/
const YEAR_S = 365 * 86_400

/** Says why not in the words a page turns into one offer: `error.code` is the reason, `details.next` what comes after it. */
export function refusalOf({ reason, next }: Extract<Decision, { allowed: false }>): DomainError {
  if (reason === 'invite_only') return nothingHere()
  const [kind, message] = REFUSALS[reason]
  return new DomainError(kind, reason, message, { reason, next })
}

const REFUSALS: Record<Exclude<Reason, 'invite_only'>, [RefusalKind, string]> = {
  sign_in: ['unauthenticated', 'Sign in to watch this.'],
  verify: ['forbidden', 'Confirm your e-mail address first: look for our mail.'],
  buy: ['payment_required', 'This show needs a ticket.'],
  join: ['payment_required', 'This show is for members of the channel.'],
  upgrade: ['payment_required', 'This show is for a higher membership than yours.'],
  follow: ['forbidden', 'This show is for followers of the channel.'],
  banned: ['forbidden', 'You may not watch this channel.'],
  ended: ['forbidden', 'Your access to this has ended.'],
  device_limit: ['forbidden', 'You are watching on as many devices as your account may use at once.'],
  device_ended: ['forbidden', 'Watching was ended on this device.'],
}

const nothingHere = () => new DomainError('not_found', 'nothing_to_watch', 'There is nothing to watch here right now.')

export function accessRoutes({ access, sessionView, publicUrl, sessionFor }: Deps) {
  const Granted = z
    .object({
      url: z.string().openapi({ example: '/hls/…/…/main.m3u8', description: 'Plays in any HLS player.' }),
      token: z.string().openapi({ description: 'The segment of the address that carries the right to watch.' }),
      expiresAt: z.iso.datetime().openapi({ description: 'Ask again before, with this token as `previous`.' }),
      previewEndsAt: z.iso.datetime().nullable().openapi({ description: 'Until when it is a free preview.' }),
      maxHeight: z.number().int().nullable().openapi({ description: 'The greatest height offered; null for all.' }),
      session: sessionView,
    })
    .openapi('Playback')
  const Device = z
    .object({
      id: z.string(),
      isThis: z.boolean(),
      sessionIds: z.array(z.string()),
      since: z.iso.datetime(),
    })
    .openapi('Device')

  const allow = createRoute({
    method: 'post',
    path: '/playback',
    tags: ['playback'],
    security: [{}, ...signedIn],
    summary: 'Ask to watch a channel or a session; anybody may ask',
    request: { body: json(Wanted) },
    responses: {
      200: answer('Yes: where it plays, and until when', Granted),
      ...unauthenticated,
      ...paymentRequired,
      ...refusals,
      ...notFound,
    },
  })
  const list = createRoute({
    method: 'get',
    path: '/devices',
    tags: ['playback'],
    security: signedIn,
    summary: 'The devices my account is watching on',
    responses: {
      200: answer('The newest first', z.object({ devices: z.array(Device) })),
      ...unauthenticated,
      ...refusals,
    },
  })
  const endOne = createRoute({
    method: 'delete',
    path: '/devices/{id}',
    tags: ['playback'],
    security: signedIn,
    summary: 'End watching on one of my devices',
    request: { params: z.strictObject({ id }) },
    responses: { 204: { description: 'Ended' }, ...unauthenticated, ...notFound, ...refusals },
  })
  const endOthers = createRoute({
    method: 'delete',
    path: '/devices',
    tags: ['playback'],
    security: signedIn,
    summary: 'End watching on all my devices but this one',
    responses: { 204: { description: 'Ended' }, ...unauthenticated, ...refusals },
  })

  /** A browser's device cookie, made where there is none. It names a device, nobody, and proves nothing. */
  function deviceOf(c: Context<HttpEnv>): string {
    const known = knownDevice(c)
    if (known) return known
    const made = randomBytes(9).toString('base64url')
    const isSecure = publicUrl.startsWith('https:')
    setCookie(c, DEVICE_COOKIE, made, { httpOnly: true, sameSite: 'Lax', path: '/', maxAge: YEAR_S, secure: isSecure })
    return made
  }

  /** A show that has not begun: what would be asked of this viewer, or that they need only wait. */
  async function notStarted(viewer: Viewer, sessionId: string): Promise<DomainError> {
    const decision = await access.foresee(viewer, sessionId)
    return decision.allowed
      ? new DomainError('not_found', 'not_started', 'This show has not begun yet.')
      : refusalOf(decision)
  }

  return createRouter()
    .openapi(allow, async (c) => {
      const { previous: token, ...target } = c.req.valid('json')
      const session = await sessionFor(target, c.get('user'))
      if (!session) throw nothingHere()
      const viewer: Viewer = {
        userId: c.get('user')?.id ?? null,
        deviceId: deviceOf(c),
        address: networkOf(c.get('address')),
      }
      if (session.state === 'scheduled') throw await notStarted(viewer, session.id)
      const decision = await access.admit(viewer, session.id, token)
      if (!decision.allowed) throw refusalOf(decision)
      const { token: issued, expiresAt, previewEndsAt, maxHeight } = decision
      return c.json(
        {
          url: `/hls/${issued}/${session.id}/main.m3u8`,
          token: issued,
          expiresAt: new Date(expiresAt).toISOString(),
          previewEndsAt: previewEndsAt === null ? null : new Date(previewEndsAt).toISOString(),
          maxHeight,
          session,
        },
        200,
      )
    })
    .openapi(list, (c) => {
      const here = knownDevice(c)
      const devices = access.devices.list(requireUser(c).id).map(({ id: device, sessionIds, beganAt }) => ({
        id: device,
        isThis: device === here,
        sessionIds,
        since: new Date(beganAt).toISOString(),
      }))
      return c.json({ devices }, 200)
    })
    .openapi(endOne, async (c) => {
      if (!(await access.devices.endOn(requireUser(c).id, { only: c.req.valid('param').id }))) {
        throw new DomainError('not_found', 'no_such_device', 'Nothing is watched on that device.')
      }
      return c.body(null, 204)
    })
    .openapi(endOthers, async (c) => {
      await access.devices.endOn(requireUser(c).id, { allBut: knownDevice(c) })
      return c.body(null, 204)
    })
}

function knownDevice(c: Context<HttpEnv>): string | null {
  const found = getCookie(c, DEVICE_COOKIE)
  return found !== undefined && DEVICE.test(found) ? found : null
}
