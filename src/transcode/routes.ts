import { createRoute, z } from '@hono/zod-openapi'
import { answer, createRouter, refusals, requireUser, signedIn, unauthenticated } from '../platform/http.ts'
import { requireAdmin } from '../platform/user.ts'
import type { Transcode } from './transcode.ts'

const EncoderName = z.enum(['software', 'nvenc', 'qsv', 'vaapi', 'videotoolbox'])
const Capacity = z
  .object({
    encoder: EncoderName.openapi({ description: 'What new sessions are encoded with.' }),
    asked: z.enum(['auto', ...EncoderName.options]).openapi({ description: 'ENCODER, as it is set.' }),
    tried: z.array(z.object({ encoder: EncoderName, works: z.boolean(), said: z.string().nullable() })),
    aside: z.string().nullable().openapi({ description: 'Why the hardware encoder is left alone for some minutes.' }),
    cores: z.number().int(),
    speed: z.number().openapi({ description: 'How many times faster than real time this box encodes 720p30.' }),
    isMeasured: z.boolean().openapi({ description: 'False while the speed is a cautious guess.' }),
    used: z.number().openapi({ description: 'What is taken by running sessions, in 720p30 encodes.' }),
    sessions: z.number().int(),
    decisions: z.array(
      z.object({
        sessionId: z.string(),
        channelId: z.string(),
        channelName: z.string(),
        ladderReason: z.string(),
      }),
    ),
  })
  .openapi('Capacity')

interface CapacityOptions {
  transcode: Pick<Transcode, 'capacity'>
  /** What was decided for each session on air. */
  decisions(): { sessionId: string; channelId: string; ladderReason: string }[]
  channelName(channelId: string): Promise<string>
}

/** What this box carries and what was decided from it, for the operator. */
export function capacityRoutes({ transcode, decisions, channelName }: CapacityOptions) {
  const get = createRoute({
    tags: ['operator'],
    security: signedIn,
    method: 'get',
    path: '/operator/capacity',
    summary: 'What this box can encode, what it encodes now, and why each session has its renditions',
    responses: { 200: answer('The capacity', Capacity), ...refusals, ...unauthenticated },
  })
  return createRouter().openapi(get, async (c) => {
    requireAdmin(requireUser(c))
    const named = decisions().map(async (one) => ({ ...one, channelName: await channelName(one.channelId) }))
    return c.json({ ...transcode.capacity(), decisions: await Promise.all(named) }, 200)
  })
}
