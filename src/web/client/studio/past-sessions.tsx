import { useEffect, useState } from 'preact/hooks'
import { api } from '../api/client.ts'
import { asApiError, useLoaded } from '../api/use-loaded.ts'
import type { SessionView } from '../api/views.ts'
import { Notice, toast } from '../ui/parts.tsx'
import { ago, lasted } from '../ui/words.ts'

/** What has been on, the newest first; asked anew when another session has ended (`after`). */
export function PastSessions({ channelId, slug, after }: { channelId: string; slug: string; after: string | null }) {
  const { value, error } = useLoaded(`sessions of ${channelId} ${after}`, () => api.sessions(channelId))
  const [more, setMore] = useState<{ sessions: SessionView[]; nextCursor: string | null } | null>(null)
  const [isBusy, setBusy] = useState(false)
  useEffect(() => setMore(null), [value])

  const cursor = more ? more.nextCursor : (value?.nextCursor ?? null)
  async function further() {
    if (cursor === null) return
    setBusy(true)
    try {
      const page = await api.sessions(channelId, cursor)
      setMore({ ...page, sessions: [...(more?.sessions ?? []), ...page.sessions] })
    } catch (problem) {
      toast(asApiError(problem).message)
    } finally {
      setBusy(false)
    }
  }

  const past = [...(value?.sessions ?? []), ...(more?.sessions ?? [])].filter(({ endedAt }) => endedAt !== null)
  return (
    <section class="card padded stack" aria-labelledby="past">
      <h2 id="past">Past sessions</h2>
      {error && <Notice isBad>{error.message}</Notice>}
      {!value && !error && <div class="skeleton loading-field" />}
      {value && past.length === 0 && <p class="soft">When a stream has ended, it is listed here.</p>}
      {past.length > 0 && (
        <ul class="lines">
          {past.map((session) => (
            <li key={session.id} data-session={session.id}>
              <a class="words" href={`/studio/${slug}/audience/${session.id}`}>
                {session.title || 'Without a title'}
              </a>
              <div class="fine">{about(session)}</div>
            </li>
          ))}
        </ul>
      )}
      {cursor !== null && (
        <div>
          <button type="button" class="button small" onClick={further} disabled={isBusy}>
            Show more
          </button>
        </div>
      )}
    </section>
  )
}

function about({ startedAt, endedAt, peakViewers }: SessionView): string {
  if (!startedAt || !endedAt) return 'Never went live'
  const viewers = `${peakViewers} ${peakViewers === 1 ? 'viewer' : 'viewers'} at most`
  return `${ago(startedAt)} · ${lasted(startedAt, endedAt)} · ${viewers}`
}
