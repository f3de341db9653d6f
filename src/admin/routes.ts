import { createRoute, z } from '@hono/zod-openapi'
import { answer, createRouter, refusals, requireUser, signedIn, unauthenticated } from '../platform/http.ts'
import type { Mailer } from '../platform/mailer.ts'
import { PageQuery } from '../platform/paging.ts'
import { requireAdmin } from '../platform/user.ts'
import type { AuditLog } from './admin.ts'

const Word = z.string().min(1).max(120)

const auditRoute = createRoute({
  method: 'get',
  path: '/operator/audit',
  tags: ['operator'],
  summary: 'Acts that matter, newest first: who, in which role, what, before and after; for admins',
  security: signedIn,
  request: {
    query: PageQuery.extend({
      person: Word.optional().openapi({
        description: 'Who did it or to whom: an id, or part of a name or an address.',
      }),
      target: Word.optional(),
      action: Word.optional().openapi({ description: '`session.ended`, or `session` for all of its kind.' }),
      from: z.iso.datetime().optional(),
      until: z.iso.datetime().optional(),
    }),
  },
  responses: {
    200: answer(
      'A page of the audit log',
      z.object({
        entries: z.array(
          z
            .object({
              id: z.string(),
              at: z.iso.datetime(),
              actorId: z.string().nullable().openapi({ description: 'Null: the node itself, or nobody signed in.' }),
              actorName: z.string().nullable().openapi({ description: 'As they are called now.' }),
              actorRole: z.string(),
              action: z.string().openapi({ example: 'account.status_changed' }),
              target: z.string().openapi({ example: 'user:0198…' }),
              before: z.unknown(),
              after: z.unknown(),
              address: z.string().nullable().openapi({ description: 'Only where KEEP_ADDRESSES is on.' }),
            })
            .openapi('AuditEntry'),
        ),
        nextCursor: z.string().nullable(),
      }),
    ),
    ...unauthenticated,
    ...refusals,
  },
})

const mailRoute = createRoute({
  method: 'get',
  path: '/operator/mail',
  tags: ['operator'],
  summary: 'Mail that did not leave this node, newest first, at most 200; for admins',
  description: 'All of it where no SMTP server is set: hand the links on yourself.',
  security: signedIn,
  responses: {
    200: answer(
      'The mail',
      z.object({
        isConfigured: z.boolean(),
        mail: z.array(
          z
            .object({
              id: z.string(),
              at: z.iso.datetime(),
              to: z.string(),
              subject: z.string(),
              text: z.string(),
              problem: z.string().nullable(),
            })
            .openapi('KeptMail'),
        ),
      }),
    ),
    ...unauthenticated,
    ...refusals,
  },
})

interface Deps {
  auditLog: AuditLog
  mailer: Mailer
  isMailConfigured: boolean
}

export function adminRoutes({ auditLog, mailer, isMailConfigured }: Deps) {
  return createRouter()
    .openapi(auditRoute, async (c) => {
      requireAdmin(requireUser(c))
      const { from, until, ...rest } = c.req.valid('query')
      const query = { ...rest, from: toTime(from), until: toTime(until) }
      const { items, nextCursor } = await auditLog.list(query)
      return c.json({ entries: items.map(dated), nextCursor }, 200)
    })

    .openapi(mailRoute, (c) => {
      requireAdmin(requireUser(c))
      return c.json({ isConfigured: isMailConfigured, mail: mailer.kept().map(dated) }, 200)
    })
}

function dated<Item extends { at: number }>({ at, ...item }: Item) {
  return { ...item, at: new Date(at).toISOString() }
}

const toTime = (iso: string | undefined) => (iso === undefined ? undefined : Date.parse(iso))
