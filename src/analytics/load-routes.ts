import { createRoute, z } from '@hono/zod-openapi'
import type { Clock } from '../platform/clock.ts'
import { answer, createRouter, refusals, requireUser, signedIn, unauthenticated } from '../platform/http.ts'
import { requireAdmin } from '../platform/user.ts'
import type { NodeLoad } from './node-load.ts'

const HOUR_MS = 3_600_000

const LoadView = z
  .object({
    stepMs: z.int(),
    samples: z
      .array(
        z.object({
          at: z.iso.datetime(),
          sessions: z.int(),
          viewers: z.int().openapi({ description: 'Viewings.' }),
          requests: z.int().openapi({ description: 'Media requests answered within the step.' }),
          bytes: z.int().openapi({ description: 'Handed out within the step.' }),
          encoders: z.int(),
          encoderLoad: z.number().openapi({ description: 'Of what this box can encode in real time; 1 is all of it.' }),
          loopDelayMs: z.number().openapi({ description: 'How late the event loop ran, 99th percentile.' }),
        }),
      )
      .openapi({
        description:
          'The greatest of each step, the oldest first; a minute in which the node was not running has none.',
      }),
  })
  .openapi('NodeLoad')

export function loadRoutes({ nodeLoad, clock }: { nodeLoad: Pick<NodeLoad, 'since'>; clock: Clock }) {
  const load = createRoute({
    tags: ['operator'],
    security: signedIn,
    method: 'get',
    path: '/operator/load',
    summary: 'What the node carried over time: viewers, delivery, encoders; for admins',
    request: { query: z.strictObject({ hours: z.coerce.number().int().min(1).max(2_160).default(24) }) },
    responses: { 200: answer('Up to ninety days', LoadView), ...refusals, ...unauthenticated },
  })
  return createRouter().openapi(load, async (c) => {
    requireAdmin(requireUser(c))
    const { stepMs, samples } = await nodeLoad.since(clock.now() - c.req.valid('query').hours * HOUR_MS)
    return c.json(
      { stepMs, samples: samples.map(({ at, ...rest }) => ({ at: new Date(at).toISOString(), ...rest })) },
      200,
    )
  })
}
