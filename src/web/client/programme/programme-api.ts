import { request } from '../api/client.ts'
import type { SessionState, SessionVisibility } from '../api/views.ts'

export type Weekday = 'MO' | 'TU' | 'WE' | 'TH' | 'FR' | 'SA' | 'SU'

export interface Repeat {
  every: 'day' | 'week' | 'month'
  interval: number
  on: Weekday[]
  by: 'date' | 'weekday'
  until: string | null
}

export interface ShowView {
  id: string
  code: string
  channel: { id: string; slug: string; name: string }
  state: SessionState
  title: string
  description: string
  visibility: SessionVisibility
  requiredTier: number | null
  previewMinutes: number
  scheduledAt: string
  durationMinutes: number | null
  timeZone: string | null
  endReason: string | null
  isMissed: boolean
  isChosen: boolean
  pictureUrl: string | null
  series: { id: string; repeat: Repeat } | null
  isReminded: boolean
}

export interface ShowsView {
  shows: ShowView[]
  nextCursor: string | null
}

export interface CostView {
  shows: number
  owed: { currency: string; digits: number; amount: number; buyers: number }[]
}

export type Which = 'this' | 'following'

/** What the form of a show holds. */
export interface ShowFields {
  title: string
  description: string
  startsAt: string
  timeZone: string
  durationMinutes: number | null
  visibility: SessionVisibility
  requiredTier: number | null
  previewMinutes: number
}

const enc = encodeURIComponent

export const programmeApi = {
  shows: (channelId?: string, cursor?: string | null) =>
    request<ShowsView>(
      'GET',
      `/api/shows?limit=${channelId ? 50 : 12}${channelId ? `&channelId=${enc(channelId)}` : ''}${cursor ? `&cursor=${enc(cursor)}` : ''}`,
    ),
  show: (idOrCode: string) => request<ShowView>('GET', `/api/shows/${enc(idOrCode)}`),
  plan: (channelId: string, show: ShowFields & { repeat: Repeat | null }) =>
    request<ShowView>('POST', `/api/channels/${enc(channelId)}/shows`, show),
  change: (id: string, show: ShowFields & { which: Which }) =>
    request<ShowView>('PATCH', `/api/shows/${enc(id)}`, show),
  choose: (id: string, isChosen: boolean) => request<null>('PUT', `/api/shows/${enc(id)}/next`, { isChosen }),
  setPicture: (id: string, which: Which, picture: Blob) =>
    request<ShowView>('PUT', `/api/shows/${enc(id)}/picture?which=${which}`, picture),
  removePicture: (id: string, which: Which) =>
    request<ShowView>('DELETE', `/api/shows/${enc(id)}/picture?which=${which}`),
  cost: (id: string, which: Which) => request<CostView>('GET', `/api/shows/${enc(id)}/cancellation?which=${which}`),
  callOff: (id: string, wish: { reason: string; which: Which; agreed: { currency: string; amount: number }[] }) =>
    request<ShowView>('POST', `/api/sessions/${enc(id)}/cancel`, wish),
  remind: (id: string) => request<null>('PUT', `/api/shows/${enc(id)}/reminder`),
  forget: (id: string) => request<null>('DELETE', `/api/shows/${enc(id)}/reminder`),
  following: (channelId: string) =>
    request<{ followers: number; following: boolean }>('GET', `/api/channels/${enc(channelId)}/follow`),
  unfollow: (channelId: string) => request<unknown>('DELETE', `/api/channels/${enc(channelId)}/follow`),
}
