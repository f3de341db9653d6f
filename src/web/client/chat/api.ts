import { request } from '../api/client.ts'
import type { ChatAct, ChatMessage, ChatPoll, ChatSettings, Emote, ModeratedMessage, PaidMessage } from './views.ts'

const enc = encodeURIComponent
const of = (channelId: string) => `/api/channels/${enc(channelId)}/chat`
type Done = { actId: string }
type SettingsAnswer = { settings: ChatSettings; writersOnOffer: ChatSettings['writers'][] }

export const chatApi = {
  messages: (channelId: string, before: number) =>
    request<{ messages: ChatMessage[] }>('GET', `${of(channelId)}/messages?before=${before}`),
  held: (channelId: string) => request<{ messages: ModeratedMessage[] }>('GET', `${of(channelId)}/held`),
  decide: (channelId: string, id: string, isApproved: boolean) =>
    request<Done>('POST', `${of(channelId)}/held/${enc(id)}`, { isApproved }),
  remove: (channelId: string, id: string, reason: string) =>
    request<Done>('POST', `${of(channelId)}/messages/${enc(id)}/remove`, { reason }),
  flag: (channelId: string, id: string) =>
    request<null>('POST', `${of(channelId)}/messages/${enc(id)}/flag`, { reason: '' }),
  clear: (channelId: string) => request<Done>('POST', `${of(channelId)}/clear`, { reason: '' }),
  sanction: (channelId: string, userId: string, seconds: number | null) =>
    request<Done>('POST', `${of(channelId)}/people/${enc(userId)}/sanction`, {
      seconds,
      removesMessages: seconds === null,
    }),
  undo: (channelId: string, actId: string) => request<null>('POST', `${of(channelId)}/acts/${enc(actId)}/undo`),
  acts: (channelId: string) => request<{ acts: ChatAct[] }>('GET', `${of(channelId)}/acts?limit=50`),
  pin: (channelId: string, messageId: string | null) => request<null>('PUT', `${of(channelId)}/pinned`, { messageId }),
  announce: (channelId: string, text: string) =>
    request<ChatMessage>('POST', `${of(channelId)}/announcements`, { text }),
  settings: (channelId: string) => request<SettingsAnswer>('GET', `${of(channelId)}/settings`),
  changeSettings: (channelId: string, change: Partial<ChatSettings>) =>
    request<SettingsAnswer>('PATCH', `${of(channelId)}/settings`, change),
  openPoll: (channelId: string, poll: { question: string; choices: string[] }) =>
    request<ChatPoll>('POST', `${of(channelId)}/polls`, poll),
  vote: (channelId: string, pollId: string, choice: number) =>
    request<ChatPoll>('POST', `${of(channelId)}/polls/${enc(pollId)}/vote`, { choice }),
  endPoll: (channelId: string, pollId: string) =>
    request<ChatPoll>('POST', `${of(channelId)}/polls/${enc(pollId)}/end`),
  highlight: (channelId: string, offerId: string) =>
    request<ChatMessage>('POST', `${of(channelId)}/highlights`, { offerId }),
  pay: (channelId: string, wish: { text: string; amount: number; returnTo: string }) =>
    request<{ orderId: string; url: string | null }>('POST', `${of(channelId)}/paid`, wish),
  paid: (channelId: string) => request<{ paid: PaidMessage[] }>('GET', `${of(channelId)}/paid?limit=50`),
  setPaidTerms: (channelId: string, terms: { least: number; currency: string } | null) =>
    request<null>('PUT', `${of(channelId)}/paid/terms`, { terms }),
  addEmote: (channelId: string, name: string, picture: File) =>
    request<Emote>('PUT', `${of(channelId)}/emotes/${enc(name)}`, picture),
  removeEmote: (channelId: string, name: string) => request<null>('DELETE', `${of(channelId)}/emotes/${enc(name)}`),
  renewOverlay: (channelId: string) => request<{ path: string }>('POST', `${of(channelId)}/overlay`),
}
