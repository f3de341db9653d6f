import { createRoute, z } from '@hono/zod-openapi'
import { networkOf } from '../platform/client-address.ts'
import { answer, createRouter, json, requireUser } from '../platform/http.ts'
import type { RateLimit } from '../platform/rate-limit.ts'
import type { Chat } from './chat.ts'
import { HISTORY } from './messages.ts'
import { POLL } from './polls.ts'
import {
  Channel,
  common,
  guarded,
  Id,
  Message,
  nothing,
  OfMessage,
  OfPoll,
  PollAnswer,
  personal,
  Reason,
  Text,
  tags,
} from './shared-routes.ts'

interface Deps {
  chat: Chat
  /** What one person may write in a while; the socket has its own. */
  writes: RateLimit
}

/** What anybody does in a chat: read, write, pay, vote, say that something is wrong. */
export function speakingRoutes({ chat, writes }: Deps) {
  const { entrance, writing, paid, moderation, polls } = chat
  return createRouter()
    .openapi(
      createRoute({
        method: 'get',
        path: '/channels/{id}/chat/messages',
        tags,
        summary: 'What was said, oldest first; older pages by the position of the first one. Who may watch may read',
        request: {
          params: Channel,
          query: z.strictObject({
            before: z.coerce.number().int().min(1).optional(),
            limit: z.coerce.number().int().min(1).max(HISTORY).default(HISTORY),
          }),
        },
        responses: { 200: answer('A page', z.object({ messages: z.array(Message) })), ...common },
      }),
      async (c) => {
        const { before, limit } = c.req.valid('query')
        return c.json(
          { messages: await entrance.history(c.req.valid('param').id, c.get('user'), before ?? null, limit) },
          200,
        )
      },
    )
    .openapi(
      createRoute({
        method: 'post',
        path: '/channels/{id}/chat/messages',
        ...personal,
        summary: 'Say something; for those whom the channel lets write. The same key twice is one message',
        request: {
          params: Channel,
          body: json(z.strictObject({ text: Text, key: z.string().min(8).max(64), replyTo: Id.optional() })),
        },
        responses: { 201: answer('As it is kept; `held` waits for a moderator', Message), ...guarded },
      }),
      async (c) => {
        const user = requireUser(c)
        await writes.take(user.id)
        return c.json(
          await writing.write(user, c.req.valid('param').id, c.req.valid('json'), networkOf(c.get('address'))),
          201,
        )
      },
    )
    .openapi(
      createRoute({
        method: 'post',
        path: '/channels/{id}/chat/messages/{messageId}/flag',
        ...personal,
        summary: 'Tell the moderators that something is wrong with a message; for everybody signed in',
        request: { params: OfMessage, body: json(z.strictObject({ reason: Reason })) },
        responses: { ...nothing, ...guarded },
      }),
      async (c) => {
        const user = requireUser(c)
        await writes.take(user.id)
        const { id, messageId } = c.req.valid('param')
        await moderation.flag(user, id, messageId, c.req.valid('json').reason)
        return c.body(null, 204)
      },
    )
    .openapi(
      createRoute({
        method: 'post',
        path: '/channels/{id}/chat/polls/{pollId}/vote',
        ...personal,
        summary: 'Vote, once; for everybody signed in',
        request: {
          params: OfPoll,
          body: json(
            z.strictObject({
              choice: z
                .number()
                .int()
                .min(0)
                .max(POLL.choices - 1),
            }),
          ),
        },
        responses: { 200: answer('The poll as it stands', PollAnswer), ...guarded },
      }),
      async (c) => {
        const { id, pollId } = c.req.valid('param')
        return c.json(await polls.vote(requireUser(c), id, pollId, c.req.valid('json').choice), 200)
      },
    )
    .openapi(
      createRoute({
        method: 'post',
        path: '/channels/{id}/chat/paid',
        ...personal,
        tags: ['buying'],
        summary: 'Pay for a message that stands out; it is said when it is paid. For those whom the channel lets write',
        request: {
          params: Channel,
          body: json(
            z.strictObject({
              text: Text,
              amount: z
                .int()
                .min(1)
                .max(99_999_999)
                .openapi({ description: 'In minor units of the channel’s currency.' }),
              returnTo: z.string().max(500).default('/'),
            }),
          ),
        },
        responses: {
          201: answer('Where it is paid', z.object({ orderId: z.string(), url: z.string().nullable() })),
          ...guarded,
        },
      }),
      async (c) => {
        const user = requireUser(c)
        await writes.take(user.id)
        const network = networkOf(c.get('address'))
        return c.json(await paid.begin(user, c.req.valid('param').id, c.req.valid('json'), network), 201)
      },
    )
}

/** The pictures themselves; an address never shows another one. */
export function emoteRoutes({ chat }: { chat: Chat }) {
  return createRouter().get('/emotes/:file', async (c) => {
    const picture = await chat.emotes.picture(c.req.param('file').replace(/\.webp$/, ''))
    if (!picture) return c.notFound()
    return c.body(new Uint8Array(picture), 200, {
      'Content-Type': 'image/webp',
      'Cache-Control': 'public, max-age=31536000, immutable',
    })
  })
}
