import { useEffect, useState } from 'preact/hooks'
import { api } from '../api/client.ts'
import { takeFirstData } from '../api/first-data.ts'
import { remember } from '../api/known-channels.ts'
import { useLoaded } from '../api/use-loaded.ts'
import type { ChannelView } from '../api/views.ts'
import type { ShowsView } from '../programme/programme-api.ts'
import { Upcoming } from '../programme/upcoming.tsx'
import { usePageTitle } from '../ui/layout.tsx'
import { Empty, Lamp, Notice } from '../ui/parts.tsx'
import { SessionBadge } from '../ui/session-badge.tsx'
import { Still } from '../ui/still.tsx'
import { viewersInWords } from '../ui/words.ts'

const REFRESH_MS = 20_000

/** What the server writes into the page. */
interface HomeFirstData {
  channels: { channels: ChannelView[]; nextCursor: string | null } | null
  upcoming: ShowsView | null
}

export function Home() {
  usePageTitle('')
  const [first] = useState(() => takeFirstData<HomeFirstData>('/'))
  const { value, error, reload } = useLoaded('home', () => api.channels(), first?.channels ?? null)
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') reload()
    }, REFRESH_MS)
    // The player is fetched while the person chooses, so that it is there when they have chosen.
    const idle = setTimeout(() => import('../player/create-player.ts'), 600)
    return () => {
      clearInterval(timer)
      clearTimeout(idle)
    }
  }, [reload])

  if (error) return <Notice isBad>{error.message}</Notice>
  if (!value) return <LoadingChannels />
  remember(value.channels)
  const live = value.channels.filter(isOnAir)
  const others = value.channels.filter((channel) => !isOnAir(channel))
  return (
    <div class="stack wide">
      <h1>Live now</h1>
      {live.length > 0 ? (
        <ul class="channels">
          {live.map((channel) => (
            <li key={channel.id}>
              <LiveCard channel={channel} />
            </li>
          ))}
        </ul>
      ) : (
        <Empty title="The stage is dark">
          <p>Nobody is live just now.</p>
        </Empty>
      )}
      <Upcoming first={first?.upcoming ?? null} />
      {others.length > 0 && (
        <section class="stack tight" aria-labelledby="others">
          <h2 id="others">All channels</h2>
          <ul class="offline-list">
            {others.map((channel) => (
              <li key={channel.id}>
                <a href={`/c/${channel.slug}`}>
                  <span class="monogram" aria-hidden="true">
                    {channel.name.slice(0, 1).toUpperCase()}
                  </span>
                  <strong>{channel.name}</strong>
                </a>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}

function isOnAir(channel: ChannelView): boolean {
  return channel.live?.state === 'live' || channel.live?.state === 'paused'
}

const mayMove = () => !matchMedia('(prefers-reduced-motion: reduce)').matches

function LiveCard({ channel }: { channel: ChannelView }) {
  const session = channel.live
  const [isMoving, setMoving] = useState(false)
  return (
    <a
      class="card channel-card"
      href={`/c/${channel.slug}`}
      onPointerEnter={(event) => setMoving(event.pointerType === 'mouse' && mayMove())}
      onPointerLeave={() => setMoving(false)}
      onFocus={(event) => {
        if (event.currentTarget.matches(':focus-visible') && mayMove()) setMoving(true)
      }}
      onBlur={() => setMoving(false)}
    >
      <div class="still">
        <Lamp />
        {session?.thumbnailUrl && (
          <Still kind="picture" url={session.thumbnailUrl} sizes="(min-width: 40rem) 20rem, 100vw" />
        )}
        {isMoving && session?.previewUrl && <img class="picture moving" src={session.previewUrl} alt="" />}
      </div>
      <div class="words">
        <div class="row">
          <SessionBadge session={session} />
          {session && <span class="fine count">{viewersInWords(session.viewers)}</span>}
        </div>
        <strong>{session?.title || channel.name}</strong>
        <span class="fine">{channel.name}</span>
      </div>
    </a>
  )
}

function LoadingChannels() {
  return (
    <div class="stack wide" aria-busy="true">
      <h1>Live now</h1>
      <div class="channels">
        {[1, 2, 3].map((index) => (
          <div key={index} class="skeleton loading-card" />
        ))}
      </div>
    </div>
  )
}
