import { request } from '../api/client.ts'
import type { ChatAct, ChatMessage, ChatPoll, ChatSettings, ModeratedMessage } from './views.ts'

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
  renewOverlay: (channelId: string) => request<{ path: string }>('POST', `${of(channelId)}/overlay`),
}
