import { createRoute, z } from '@hono/zod-openapi'
import { networkOf } from '../platform/client-address.ts'
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
import type { RateLimit } from '../platform/rate-limit.ts'
import {
  type Chat,
  HISTORY,
  MessageView,
  ModeratedView,
  POLL,
  PollView,
  Settings,
  TEXT_LENGTH,
  WRITERS,
} from './chat.ts'

const Id = z.string().min(1).max(64)
const Channel = z.strictObject({ id: Id })
const OfMessage = z.strictObject({ id: Id, messageId: Id })
const OfPerson = z.strictObject({ id: Id, userId: Id })
const Reason = z.string().trim().max(300).default('')
const Text = z.string().trim().min(1).max(TEXT_LENGTH)

const Message = MessageView.openapi('ChatMessage')
const Moderated = ModeratedView.openapi('ModeratedChatMessage')
const PollAnswer = PollView.openapi('ChatPoll')
const SettingsAnswer = z.object({ settings: Settings, writersOnOffer: z.array(z.enum(WRITERS)) })
const Patch = Settings.partial()
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
const NewPoll = z.strictObject({
  question: z.string().trim().min(1).max(POLL.question),
  choices: z.array(z.string().trim().min(1).max(POLL.choice)).min(2).max(POLL.choices),
  seconds: z.number().int().min(10).max(POLL.seconds).default(120),
})

const tags = ['chat']
const common = { ...notFound, ...refusals }
const personal = { tags, security: signedIn }
const guarded = { ...unauthenticated, ...conflict, ...common }
const nothing = { 204: { description: 'Done' } } as const

interface Deps {
  chat: Chat
  /** What one person may write in a while; the socket has its own. */
  writes: RateLimit
}

export function chatRoutes({ chat, writes }: Deps) {
  const { moderation, polls } = chat
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
          { messages: await chat.history(c.req.valid('param').id, c.get('user'), before ?? null, limit) },
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
          await chat.write(user, c.req.valid('param').id, c.req.valid('json'), networkOf(c.get('address'))),
          201,
        )
      },
    )
    .openapi(
      createRoute({
        method: 'get',
        path: '/channels/{id}/chat/settings',
        ...personal,
        summary: 'What the channel decided about its chat; for its moderators',
        request: { params: Channel },
        responses: { 200: answer('The settings', SettingsAnswer), ...guarded },
      }),
      async (c) => c.json(await chat.readSettings(requireUser(c), c.req.valid('param').id), 200),
    )
    .openapi(
      createRoute({
        method: 'patch',
        path: '/channels/{id}/chat/settings',
        ...personal,
        summary: 'Change them; for its moderators',
        request: { params: Channel, body: json(Patch) },
        responses: { 200: answer('As they are now', SettingsAnswer), ...guarded },
      }),
      async (c) => {
        // Defaults are for rows, not for changes: only what was sent is changed.
        const sent = z.record(z.string(), z.unknown()).parse(await c.req.json())
        const valid = Object.entries(c.req.valid('json')).filter(([name]) => name in sent)
        return c.json(
          await chat.changeSettings(requireUser(c), c.req.valid('param').id, Object.fromEntries(valid)),
          200,
        )
      },
    )
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
        await chat.flag(user, id, messageId, c.req.valid('json').reason)
        return c.body(null, 204)
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
        return c.json({ actId: await moderation.sanction(requireUser(c), id, { userId, ...c.req.valid('json') }) }, 200)
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
        return c.json(await moderation.fileOf(requireUser(c), id, userId), 200)
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
        await moderation.addNote(requireUser(c), id, userId, c.req.valid('json').text)
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
    .openapi(
      createRoute({
        method: 'post',
        path: '/channels/{id}/chat/announcements',
        ...personal,
        summary: 'Say something to everybody that stands out; for its moderators',
        request: { params: Channel, body: json(z.strictObject({ text: Text })) },
        responses: { 201: answer('As it is kept', Moderated), ...guarded },
      }),
      async (c) => {
        const { id } = c.req.valid('param')
        return c.json(await moderation.announce(requireUser(c), id, c.req.valid('json').text), 201)
      },
    )
    .openapi(
      createRoute({
        method: 'put',
        path: '/channels/{id}/chat/pinned',
        ...personal,
        summary: 'Pin a message above the chat, or none; for its moderators',
        request: { params: Channel, body: json(z.strictObject({ messageId: Id.nullable() })) },
        responses: { ...nothing, ...guarded },
      }),
      async (c) => {
        await moderation.pin(requireUser(c), c.req.valid('param').id, c.req.valid('json').messageId)
        return c.body(null, 204)
      },
    )
    .openapi(
      createRoute({
        method: 'get',
        path: '/channels/{id}/chat/moderators',
        ...personal,
        summary: 'Who keeps this chat besides its owner; for its moderators',
        request: { params: Channel },
        responses: {
          200: answer('All of them', z.object({ moderators: z.array(z.object({ id: z.string(), name: z.string() })) })),
          ...guarded,
        },
      }),
      async (c) =>
        c.json({ moderators: await moderation.listModerators(requireUser(c), c.req.valid('param').id) }, 200),
    )
    .openapi(
      createRoute({
        method: 'put',
        path: '/channels/{id}/chat/moderators/{userId}',
        ...personal,
        summary: 'Make somebody a moderator; for the owner and admins',
        request: { params: OfPerson },
        responses: { ...nothing, ...guarded },
      }),
      async (c) => {
        const { id, userId } = c.req.valid('param')
        await moderation.appoint(requireUser(c), id, userId)
        return c.body(null, 204)
      },
    )
    .openapi(
      createRoute({
        method: 'delete',
        path: '/channels/{id}/chat/moderators/{userId}',
        ...personal,
        summary: 'Not a moderator any more; for the owner and admins',
        request: { params: OfPerson },
        responses: { ...nothing, ...guarded },
      }),
      async (c) => {
        const { id, userId } = c.req.valid('param')
        await moderation.dismiss(requireUser(c), id, userId)
        return c.body(null, 204)
      },
    )
    .openapi(
      createRoute({
        method: 'post',
        path: '/channels/{id}/chat/polls',
        ...personal,
        summary: 'Open a poll, one at a time; for its moderators',
        request: { params: Channel, body: json(NewPoll) },
        responses: { 201: answer('The poll', PollAnswer), ...guarded },
      }),
      async (c) => c.json(await polls.open(requireUser(c), c.req.valid('param').id, c.req.valid('json')), 201),
    )
    .openapi(
      createRoute({
        method: 'post',
        path: '/channels/{id}/chat/polls/{pollId}/vote',
        ...personal,
        summary: 'Vote, once; for everybody signed in',
        request: {
          params: z.strictObject({ id: Id, pollId: Id }),
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
        return c.json(await chat.vote(requireUser(c), id, pollId, c.req.valid('json').choice), 200)
      },
    )
    .openapi(
      createRoute({
        method: 'post',
        path: '/channels/{id}/chat/polls/{pollId}/end',
        ...personal,
        summary: 'End a poll before its time; for its moderators',
        request: { params: z.strictObject({ id: Id, pollId: Id }) },
        responses: { 200: answer('The result', PollAnswer), ...guarded },
      }),
      async (c) => {
        const { id, pollId } = c.req.valid('param')
        return c.json(await polls.end(requireUser(c), id, pollId), 200)
      },
    )
    .openapi(
      createRoute({
        method: 'post',
        path: '/channels/{id}/chat/overlay',
        ...personal,
        summary: 'A new secret address for the overlay; the one before it is void. For the owner and admins',
        request: { params: Channel },
        responses: { 201: answer('Shown this once', z.object({ path: z.string() })), ...guarded },
      }),
      async (c) => {
        const secret = await chat.renewOverlay(requireUser(c), c.req.valid('param').id)
        return c.json({ path: `/overlay/${secret}` }, 201)
      },
    )
}
