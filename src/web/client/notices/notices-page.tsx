import { useEffect, useState } from 'preact/hooks'
import { useMe } from '../api/me.ts'
import { asApiError, useLoaded } from '../api/use-loaded.ts'
import { usePageTitle } from '../ui/layout.tsx'
import { Empty, Notice, toast } from '../ui/parts.tsx'
import { ago } from '../ui/words.ts'
import { newest } from './inbox.ts'
import { type NoticeView, noticesApi } from './notices-api.ts'

/** What this account was told, the newest first. */
export function NoticesPage() {
  usePageTitle('Notices')
  const user = useMe()
  return user ? <List /> : null
}

function List() {
  const { value, error, reload } = useLoaded('notices', () => noticesApi.list())
  const [older, setOlder] = useState<{ notices: NoticeView[]; nextCursor: string | null } | null>(null)
  const latest = newest.value?.id
  useEffect(() => {
    if (latest) reload()
  }, [latest, reload])

  async function further(cursor: string) {
    try {
      const page = await noticesApi.list(cursor)
      setOlder({ ...page, notices: [...(older?.notices ?? []), ...page.notices] })
    } catch (wrong) {
      toast(asApiError(wrong).message)
    }
  }
  async function readAll() {
    try {
      await noticesApi.read()
      setOlder(null)
      reload()
    } catch (wrong) {
      toast(asApiError(wrong).message)
    }
  }
  if (error) return <Notice isBad>{error.message}</Notice>
  if (!value) return <div class="skeleton loading-card" />
  const cursor = older ? older.nextCursor : value.nextCursor
  return (
    <div class="account stack">
      <div class="row apart">
        <h1>Notices</h1>
        <div class="row">
          {value.unread > 0 && (
            <button type="button" class="button small" onClick={readAll}>
              Mark all as read
            </button>
          )}
          <a class="button small quiet" href="/account">
            What I am told of
          </a>
        </div>
      </div>
      {value.notices.length === 0 && (
        <Empty title="All quiet">
          <p>Follow a channel or ask to be reminded of a show, and you are told here.</p>
        </Empty>
      )}
      <ul class="notices">
        {[...value.notices, ...(older?.notices ?? [])].map((notice) => (
          <li key={notice.id}>
            <a
              href={notice.path}
              class={notice.isRead ? 'is-read' : ''}
              // On its way already; whether it could be marked changes nothing for the reader.
              onClick={() => notice.isRead || noticesApi.read([notice.id]).catch(() => undefined)}
            >
              <strong>
                {notice.title}
                {!notice.isRead && <span class="visually-hidden"> (unread)</span>}
              </strong>
              <span>{notice.text}</span>
              <span class="fine">{ago(notice.at)}</span>
            </a>
          </li>
        ))}
      </ul>
      {cursor !== null && (
        <div>
          <button type="button" class="button small" onClick={() => further(cursor)}>
            Show more
          </button>
        </div>
      )}
    </div>
  )
}
