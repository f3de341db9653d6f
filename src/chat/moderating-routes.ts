import { createRoute, z } from '@hono/zod-openapi'
import { answer, createRouter, json, requireUser } from '../platform/http.ts'
import { PageQuery } from '../platform/paging.ts'
import type { Chat } from './chat.ts'
import { ModeratedView } from './message-view.ts'
import { Channel, guarded, Id, nothing, OfMessage, OfPerson, personal, Reason, Text } from './shared-routes.ts'

const Moderated = ModeratedView.openapi('ModeratedChatMessage')
const Done = z.object({ actId: z.string().openapi({ description: 'Undoes it at /chat/acts/{actId}/undo.' }) })
const Act = z
  .object({
    id: z.string(),
    actorName: z.string(),
    action: z.string(),
    messageId: z.string().nullable(),
    userId: z.string().nullable(),
    reason: z.string(),
    undoneAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
  })
  .openapi('ChatAct')

const Sanction = z.strictObject({
  seconds: z.number().int().min(1).max(31_536_000).nullable().openapi({ description: 'null: for good.' }),
  reason: Reason,
  removesMessages: z.boolean().default(false),
})

/** What keeps a chat kind: everything here is one row of the log, and can be undone. */
export function moderatingRoutes({ chat }: { chat: Chat }) {
  const { moderation, sanctions, notes } = chat
  return createRouter()
    .openapi(
      createRoute({
        method: 'get',
        path: '/channels/{id}/chat/held',
        ...personal,
        summary: 'What waits to be looked at, oldest first; for its moderators',
        request: { params: Channel },
        responses: { 200: answer('At most 200', z.object({ messages: z.array(Moderated) })), ...guarded },
      }),
      async (c) => c.json({ messages: await moderation.listHeld(requireUser(c), c.req.valid('param').id) }, 200),
    )
    .openapi(
      createRoute({
        method: 'post',
        path: '/channels/{id}/chat/held/{messageId}',
        ...personal,
        summary: 'Show a held message, or refuse it; for its moderators',
        request: { params: OfMessage, body: json(z.strictObject({ isApproved: z.boolean() })) },
        responses: { 200: answer('Done', Done), ...guarded },
      }),
      async (c) => {
        const { id, messageId } = c.req.valid('param')
        return c.json(
          { actId: await moderation.decide(requireUser(c), id, messageId, c.req.valid('json').isApproved) },
          200,
        )
      },
    )
    .openapi(
      createRoute({
        method: 'post',
        path: '/channels/{id}/chat/messages/{messageId}/remove',
        ...personal,
        summary: 'Take a message from every screen, with a reason for the log; for its moderators',
        request: { params: OfMessage, body: json(z.strictObject({ reason: Reason })) },
        responses: { 200: answer('Done', Done), ...guarded },
      }),
      async (c) => {
        const { id, messageId } = c.req.valid('param')
        return c.json(
          { actId: await moderation.remove(requireUser(c), id, messageId, c.req.valid('json').reason) },
          200,
        )
      },
    )
    .openapi(
      createRoute({
        method: 'post',
        path: '/channels/{id}/chat/clear',
        ...personal,
        summary: 'Take everything from the screens; for its moderators',
        request: { params: Channel, body: json(z.strictObject({ reason: Reason })) },
        responses: { 200: answer('Done', Done), ...guarded },
      }),
      async (c) => {
        const { id } = c.req.valid('param')
        return c.json({ actId: await moderation.clear(requireUser(c), id, c.req.valid('json').reason) }, 200)
      },
    )
    .openapi(
      createRoute({
        method: 'post',
        path: '/channels/{id}/chat/people/{userId}/sanction',
        ...personal,
        summary: 'Time somebody out, or ban them from the channel and its shows; for its moderators',
        request: { params: OfPerson, body: json(Sanction) },
        responses: { 200: answer('Done', Done), ...guarded },
      }),
      async (c) => {
        const { id, userId } = c.req.valid('param')
        return c.json({ actId: await sanctions.impose(requireUser(c), id, { userId, ...c.req.valid('json') }) }, 200)
      },
    )
    .openapi(
      createRoute({
        method: 'get',
        path: '/channels/{id}/chat/people/{userId}',
        ...personal,
        summary: 'The notes on a person; for its moderators',
        request: { params: OfPerson },
        responses: {
          200: answer(
            'Newest first, at most 100',
            z.object({
              notes: z.array(
                z.object({ id: z.string(), text: z.string(), by: z.string(), createdAt: z.iso.datetime() }),
              ),
            }),
          ),
          ...guarded,
        },
      }),
      async (c) => {
        const { id, userId } = c.req.valid('param')
        return c.json({ notes: await notes.list(requireUser(c), id, userId) }, 200)
      },
    )
    .openapi(
      createRoute({
        method: 'post',
        path: '/channels/{id}/chat/people/{userId}/notes',
        ...personal,
        summary: 'Add a note on a person; for its moderators',
        request: { params: OfPerson, body: json(z.strictObject({ text: Text })) },
        responses: { ...nothing, ...guarded },
      }),
      async (c) => {
        const { id, userId } = c.req.valid('param')
        await notes.add(requireUser(c), id, userId, c.req.valid('json').text)
        return c.body(null, 204)
      },
    )
    .openapi(
      createRoute({
        method: 'get',
        path: '/channels/{id}/chat/acts',
        ...personal,
        summary: 'The log of who did what and why, newest first; for its moderators',
        request: { params: Channel, query: PageQuery },
        responses: {
          200: answer('A page', z.object({ acts: z.array(Act), nextCursor: z.string().nullable() })),
          ...guarded,
        },
      }),
      async (c) => {
        const { items, nextCursor } = await moderation.log(
          requireUser(c),
          c.req.valid('param').id,
          c.req.valid('query'),
        )
        const acts = items.map(({ channelId: _channel, actorId: _actor, undoneAt, createdAt, ...act }) => ({
          ...act,
          undoneAt: undoneAt === null ? null : new Date(undoneAt).toISOString(),
          createdAt: new Date(createdAt).toISOString(),
        }))
        return c.json({ acts, nextCursor }, 200)
      },
    )
    .openapi(
      createRoute({
        method: 'post',
        path: '/channels/{id}/chat/acts/{actId}/undo',
        ...personal,
        summary: 'Take an act back; for its moderators',
        request: { params: z.strictObject({ id: Id, actId: Id }) },
        responses: { ...nothing, ...guarded },
      }),
      async (c) => {
        const { id, actId } = c.req.valid('param')
        await moderation.undo(requireUser(c), id, actId)
        return c.body(null, 204)
      },
    )
}
