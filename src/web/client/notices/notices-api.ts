import { request } from '../api/client.ts'

export interface NoticeView {
  id: string
  kind: 'live' | 'soon' | 'changed' | 'chat' | 'money'
  title: string
  text: string
  path: string
  at: string
  isRead: boolean
}

export interface ChoiceView {
  kind: NoticeView['kind']
  app: boolean
  mail: boolean
  push: boolean
}

const enc = encodeURIComponent

export const noticesApi = {
  list: (cursor?: string | null) =>
    request<{ notices: NoticeView[]; unread: number; nextCursor: string | null }>(
      'GET',
      `/api/notices${cursor ? `?cursor=${enc(cursor)}` : ''}`,
    ),
  /** All where none are named. */
  read: (ids?: string[]) => request<null>('POST', '/api/notices/read', ids ? { ids } : {}),
  choices: () => request<{ choices: ChoiceView[]; pushKey: string }>('GET', '/api/notices/choices'),
  choose: (kind: NoticeView['kind'], ways: Partial<Pick<ChoiceView, 'app' | 'mail' | 'push'>>) =>
    request<null>('PATCH', `/api/notices/choices/${kind}`, ways),
  addBrowser: (subscription: { endpoint: string; keys: { p256dh: string; auth: string } }) =>
    request<{ id: string }>('POST', '/api/push-subscriptions', subscription),
  removeBrowser: (id: string) => request<null>('DELETE', `/api/push-subscriptions/${enc(id)}`),
  endMails: (word: string) => request<{ kind: NoticeView['kind'] }>('POST', `/unsubscribe/${enc(word)}`),
}
