/** What the routes of the chat have in common. */
import { z } from '@hono/zod-openapi'
import { conflict, notFound, refusals, signedIn, unauthenticated } from '../platform/http.ts'
import { MessageView, TEXT_LENGTH } from './message-view.ts'
import { PollView } from './polls.ts'

export const Id = z.string().min(1).max(64)
export const Channel = z.strictObject({ id: Id })
export const OfMessage = z.strictObject({ id: Id, messageId: Id })
export const OfPerson = z.strictObject({ id: Id, userId: Id })
export const OfPoll = z.strictObject({ id: Id, pollId: Id })
export const Reason = z.string().trim().max(300).default('')
export const Text = z.string().trim().min(1).max(TEXT_LENGTH)

export const Message = MessageView.openapi('ChatMessage')
export const PollAnswer = PollView.openapi('ChatPoll')

export const tags = ['chat']
export const common = { ...notFound, ...refusals }
export const personal = { tags, security: signedIn }
export const guarded = { ...unauthenticated, ...conflict, ...common }
export const nothing = { 204: { description: 'Done' } } as const
