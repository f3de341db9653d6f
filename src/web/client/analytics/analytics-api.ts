import { request } from '../api/client.ts'

export interface GroupView {
  name: string | null
  viewers: number
  watchedMs: number
}

export type Dimension = 'type' | 'country' | 'device' | 'browser' | 'player' | 'rendition' | 'referrer'

export interface RevenueView {
  currency: string
  digits: number
  amount: number
}

export interface ShowView {
  id: string
  title: string
  state: string
  startedAt: string | null
  endedAt: string | null
}

interface ShowTotals {
  viewers: number
  viewings: number
  peak: number
  watchedMs: number
  averageMs: number
  messages: number
  engagement: number | null
}

export interface StepView {
  at: string
  /** Null where the node was not running. */
  viewers: number | null
  messages: number
}

export interface ReportView {
  session: ShowView
  current: number
  totals: ShowTotals & {
    quality: {
      viewings: number
      stalls: number
      stallsPerHour: number | null
      startupMs: number | null
      errors: number
      bitrate: number | null
    }
    retention: { ms: number; percent: number }[]
    by: Record<Dimension, GroupView[]>
  }
  stepMs: number
  curve: StepView[]
  marks: { at: string; kind: 'visibility' | 'away' | 'back' | 'poll'; text: string }[]
  revenue: RevenueView[]
}

export interface ShowFiguresView extends ShowTotals {
  session: ShowView
  stallsPerHour: number | null
  revenue: RevenueView[]
}

export interface ChannelReportView {
  shows: ShowFiguresView[]
  isCut: boolean
  followers: number
  newFollowers: number
}

export interface ViewingView {
  id: string
  type: string
  country: string | null
  device: string
  browser: string
  player: string
  rendition: string | null
  joinedAt: string
  leftAt: string | null
  watchedMs: number
  messages: number
  purchases: number
  stalls: number | null
}

export interface LoadView {
  stepMs: number
  samples: {
    at: string
    sessions: number
    viewers: number
    bytes: number
    encoders: number
    encoderLoad: number
    loopDelayMs: number
  }[]
}

const enc = encodeURIComponent
export const sessionPath = (id: string) => `/api/sessions/${enc(id)}`
export const channelPath = (id: string) => `/api/channels/${enc(id)}`

export const analyticsApi = {
  session: (id: string) => request<ReportView>('GET', `${sessionPath(id)}/report`),
  viewings: (id: string, cursor: string | null) =>
    request<{ viewings: ViewingView[]; nextCursor: string | null }>(
      'GET',
      `${sessionPath(id)}/viewings?limit=20${cursor ? `&cursor=${enc(cursor)}` : ''}`,
    ),
  channel: (id: string, from: string) =>
    request<ChannelReportView>('GET', `${channelPath(id)}/report?from=${enc(from)}`),
  load: (hours: number) => request<LoadView>('GET', `/api/operator/load?hours=${hours}`),
}
