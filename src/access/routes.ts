import { createRoute, z } from '@hono/zod-openapi'
import { DomainError } from '../platform/errors.ts'
import { answer, createRouter, json, notFound, refusals } from '../platform/http.ts'
import { newId } from '../platform/ids.ts'
import type { Access, Policy } from './access.ts'
import type { Playback } from './playback.ts'

/** A session as `live` shows it to the world; here only its id matters. */
interface Session {
  id: string
}

interface Deps {
  access: Access
  playback: Playback
  sessionView: z.ZodType<Session>
  /** The channel's session that can be watched now, or the one that was named; null when there is nothing to watch. */
  sessionFor(target: Target): Promise<Session | null>
  policyOf(session: Session): Promise<Policy>
}

export type Target = { channelId: string } | { sessionId: string }

const Wanted = z
  .union([
    z.strictObject({ channelId: z.string().min(1).max(100) }),
    z.strictObject({ sessionId: z.string().min(1).max(100) }),
  ])
  .openapi('PlaybackRequest')

export function accessRoutes(deps: Deps) {
  const { access, playback, sessionFor, policyOf } = deps
  const Granted = z
    .object({
      url: z.string().openapi({ example: '/hls/…/…/main.m3u8', description: 'Plays in any HLS player.' }),
      token: z.string().openapi({ description: 'The segment of the address that carries the right to watch.' }),
      expiresAt: z.iso.datetime(),
      session: deps.sessionView,
    })
    .openapi('Playback')

  const allow = createRoute({
    method: 'post',
    path: '/playback',
    tags: ['playback'],
    summary: 'Ask to watch a channel or a session',
    request: { body: json(Wanted) },
    responses: { 200: answer('Yes: where it plays, and until when', Granted), ...refusals, ...notFound },
  })

  return createRouter().openapi(allow, async (c) => {
    const session = await sessionFor(c.req.valid('json'))
    if (!session) throw new DomainError('not_found', 'nothing_to_watch', 'There is nothing to watch here right now.')
    const userId = c.get('user')?.id ?? null
    const decision = await access.decide(userId, await policyOf(session))
    if (!decision.allowed) throw new DomainError('forbidden', decision.reason, 'You may not watch this.')

    const { token, expiresAt } = playback.issue({ sessionId: session.id, userId, viewingId: newId() })
    const url = `/hls/${token}/${session.id}/main.m3u8`
    return c.json({ url, token, expiresAt: new Date(expiresAt).toISOString(), session }, 200)
  })
}
