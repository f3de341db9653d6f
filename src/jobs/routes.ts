import { createRoute, z } from '@hono/zod-openapi'
import { answer, createRouter, notFound, refusals, requireUser, signedIn, unauthenticated } from '../platform/http.ts'
import { PageQuery } from '../platform/paging.ts'
import { JOB_STATES, type Job, type Jobs } from './jobs.ts'

const JobPath = z.strictObject({ id: z.string().min(1).max(64) })
const JobsQuery = PageQuery.extend({ state: z.enum(JOB_STATES).default('parked') })
const JobView = z
  .object({
    id: z.string(),
    kind: z.string(),
    payload: z.unknown(),
    state: z.enum(JOB_STATES),
    attempts: z.int(),
    runAt: z.iso.datetime(),
    lastError: z.string().nullable(),
    createdAt: z.iso.datetime(),
  })
  .openapi('Job')

const common = { tags: ['jobs'], security: signedIn }
const answers = { ...unauthenticated, ...refusals }

const listRoute = createRoute({
  ...common,
  method: 'get',
  path: '/jobs',
  summary: 'Work that waits, runs, or failed too often and was parked; for admins',
  request: { query: JobsQuery },
  responses: {
    200: answer('A page of jobs', z.object({ jobs: z.array(JobView), nextCursor: z.string().nullable() })),
    ...answers,
  },
})

const retryRoute = createRoute({
  ...common,
  method: 'post',
  path: '/jobs/{id}/retry',
  summary: 'Try a parked job again; for admins',
  request: { params: JobPath },
  responses: { 204: { description: 'It waits for its turn' }, ...notFound, ...answers },
})

const discardRoute = createRoute({
  ...common,
  method: 'delete',
  path: '/jobs/{id}',
  summary: 'Give a parked job up; for admins',
  request: { params: JobPath },
  responses: { 204: { description: 'Given up' }, ...notFound, ...answers },
})

export function jobRoutes({ jobs }: { jobs: Jobs }) {
  return createRouter()
    .openapi(listRoute, async (c) => {
      const { items, nextCursor } = await jobs.list(requireUser(c), c.req.valid('query'))
      return c.json({ jobs: items.map(view), nextCursor }, 200)
    })

    .openapi(retryRoute, async (c) => {
      await jobs.retry(requireUser(c), c.req.valid('param').id)
      return c.body(null, 204)
    })

    .openapi(discardRoute, async (c) => {
      await jobs.discard(requireUser(c), c.req.valid('param').id)
      return c.body(null, 204)
    })
}

function view({ id, kind, payload, state, attempts, runAt, lastError, createdAt }: Job) {
  const at = { runAt: new Date(runAt).toISOString(), createdAt: new Date(createdAt).toISOString() }
  return { id, kind, payload, state, attempts, lastError, ...at }
}
