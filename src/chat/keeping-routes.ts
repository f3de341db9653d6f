import { createRoute, z } from '@hono/zod-openapi'
import { answer, bytesOf, createRouter, json, pictureBody, requireUser } from '../platform/http.ts'
import { PageQuery } from '../platform/paging.ts'
import type { Chat } from './chat.ts'
import { EMOTE, EmoteView } from './emotes.ts'
import { POLL } from './polls.ts'
import { Settings, WRITERS } from './settings.ts'
import {
  Channel,
  guarded,
  Id,
  Message,
  nothing,
  OfPerson,
  OfPoll,
  PollAnswer,
  personal,
  Text,
} from './shared-routes.ts'

const SettingsAnswer = z.object({ settings: Settings, writersOnOffer: z.array(z.enum(WRITERS)) })
const Patch = Settings.partial()
const NewPoll = z.strictObject({
  question: z.string().trim().min(1).max(POLL.question),
  choices: z.array(z.string().trim().min(1).max(POLL.choice)).min(2).max(POLL.choices),
  seconds: z.number().int().min(10).max(POLL.seconds).default(120),
})
const PaidMessage = z
  .object({
    orderId: z.string(),
    by: z.string(),
    text: z.string(),
    amount: z.int(),
    currency: z.string(),
    state: z.string(),
    createdAt: z.iso.datetime(),
  })
  .openapi('PaidChatMessage')
const PaidTerms = z.strictObject({
  least: z.int().min(1).max(1_000_000).openapi({ description: 'In minor units.' }),
  currency: z.string().regex(/^[A-Z]{3}$/),
})
/** Money is no matter of API keys, and the tag says so. */
const selling = { ...personal, tags: ['selling'] }
const OfEmote = z.strictObject({ id: Id, name: z.string().regex(EMOTE.name) })

/** What a chat is like: its rules and keepers, what is pinned, announced and asked, its overlay and its pictures. */
export function keepingRoutes({ chat }: { chat: Chat }) {
  const { rules, keepers, house, moderation, polls, overlays, emotes, paid } = chat
  return createRouter()
    .openapi(
      createRoute({
        method: 'get',
        path: '/channels/{id}/chat/settings',
        ...personal,
        summary: 'What the channel decided about its chat; for its moderators',
        request: { params: Channel },
        responses: { 200: answer('The settings', SettingsAnswer), ...guarded },
      }),
      async (c) => c.json(await rules.read(requireUser(c), c.req.valid('param').id), 200),
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
        return c.json(await rules.change(requireUser(c), c.req.valid('param').id, Object.fromEntries(valid)), 200)
      },
    )
    .openapi(
      createRoute({
        method: 'post',
        path: '/channels/{id}/chat/announcements',
        ...personal,
        summary: 'Say something to everybody that stands out; for its moderators',
        request: { params: Channel, body: json(z.strictObject({ text: Text })) },
        responses: { 201: answer('As it is kept', Message), ...guarded },
      }),
      async (c) => {
        const { id } = c.req.valid('param')
        return c.json(await house.announce(requireUser(c), id, c.req.valid('json').text), 201)
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
      async (c) => c.json({ moderators: await keepers.list(requireUser(c), c.req.valid('param').id) }, 200),
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
        await keepers.appoint(requireUser(c), id, userId)
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
        await keepers.dismiss(requireUser(c), id, userId)
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
        path: '/channels/{id}/chat/polls/{pollId}/end',
        ...personal,
        summary: 'End a poll before its time; for its moderators',
        request: { params: OfPoll },
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
        const secret = await overlays.renew(requireUser(c), c.req.valid('param').id)
        return c.json({ path: `/overlay/${secret}` }, 201)
      },
    )
    .openapi(
      createRoute({
        method: 'post',
        path: '/channels/{id}/chat/highlights',
        ...personal,
        summary: 'Show something the channel sells, as a card in the chat; for its moderators',
        request: { params: Channel, body: json(z.strictObject({ offerId: Id })) },
        responses: { 201: answer('As it is kept', Message), ...guarded },
      }),
      async (c) => {
        const { id } = c.req.valid('param')
        return c.json(await house.highlight(requireUser(c), id, c.req.valid('json').offerId), 201)
      },
    )
    .openapi(
      createRoute({
        method: 'get',
        path: '/channels/{id}/chat/paid',
        ...selling,
        summary: 'What was paid for to stand out, newest first; for its moderators',
        request: { params: Channel, query: PageQuery },
        responses: {
          200: answer('A page', z.object({ paid: z.array(PaidMessage), nextCursor: z.string().nullable() })),
          ...guarded,
        },
      }),
      async (c) => {
        const { items, nextCursor } = await paid.list(requireUser(c), c.req.valid('param').id, c.req.valid('query'))
        const listed = items.map(({ orderId, by, text, amount, currency, state, createdAt }) => ({
          ...{ orderId, by, text, amount, currency, state },
          createdAt: new Date(createdAt).toISOString(),
        }))
        return c.json({ paid: listed, nextCursor }, 200)
      },
    )
    .openapi(
      createRoute({
        method: 'put',
        path: '/channels/{id}/chat/paid/terms',
        ...selling,
        summary: 'What a paid message costs at least, or null for none; for the owner of the channel',
        request: { params: Channel, body: json(z.strictObject({ terms: PaidTerms.nullable() })) },
        responses: { ...nothing, ...guarded },
      }),
      async (c) => {
        await paid.setTerms(requireUser(c), c.req.valid('param').id, c.req.valid('json').terms)
        return c.body(null, 204)
      },
    )
    .openapi(
      createRoute({
        method: 'put',
        path: '/channels/{id}/chat/emotes/{name}',
        ...personal,
        summary: 'Add a picture for messages, written :name:; for the owner and admins',
        request: { params: OfEmote, body: pictureBody(`${EMOTE.bytes / 1024} KB`) },
        responses: { 201: answer('The picture', EmoteView), ...guarded },
      }),
      async (c) => {
        const { id, name } = c.req.valid('param')
        return c.json(await emotes.add(requireUser(c), id, name, await bytesOf(c.req)), 201)
      },
    )
    .openapi(
      createRoute({
        method: 'delete',
        path: '/channels/{id}/chat/emotes/{name}',
        ...personal,
        summary: 'A picture is no more; for the owner and admins',
        request: { params: OfEmote },
        responses: { ...nothing, ...guarded },
      }),
      async (c) => {
        const { id, name } = c.req.valid('param')
        await emotes.remove(requireUser(c), id, name)
        return c.body(null, 204)
      },
    )
}
