import { useEffect, useState } from 'preact/hooks'
import { api } from '../api/client.ts'
import { takeFirstData } from '../api/first-data.ts'
import { recall } from '../api/known-channels.ts'
import { asApiError, useLoaded } from '../api/use-loaded.ts'
import { useShow } from '../api/use-show.ts'
import type { ChannelView, PlaybackView } from '../api/views.ts'
import { ChatPanel, useChat } from '../chat/chat-panel.tsx'
import { Floating } from '../chat/floating.tsx'
import type { OffersView } from '../money/money-api.ts'
import { Prices } from '../money/prices.tsx'
import { Stage } from '../player/stage.tsx'
import { Follow } from '../programme/follow.tsx'
import type { ShowsView } from '../programme/programme-api.ts'
import { Upcoming } from '../programme/upcoming.tsx'
import { navigate, place } from '../router.ts'
import { usePageTitle } from '../ui/layout.tsx'
import { Notice, toast } from '../ui/parts.tsx'
import { SessionBadge } from '../ui/session-badge.tsx'
import { viewersInWords } from '../ui/words.ts'
import { Share } from './share.tsx'

/** What the server writes into the page: the channel, already a right to play what is on, and what stands below it. */
interface WatchFirstData {
  channel: ChannelView
  playback: PlaybackView | null
  offers: OffersView | null
  upcoming: ShowsView | null
}

export function Watch({ slug }: { slug: string }) {
  const [first] = useState(() => takeFirstData<WatchFirstData>(`/c/${slug}`))
  const known = first?.channel ?? recall(slug)
  const { value: channel, error } = useLoaded(`channel ${slug}`, () => api.channel(slug), known)
  if (error?.status === 404) return <NoSuchChannel slug={slug} />
  if (error) return <Notice isBad>{error.message}</Notice>
  return <Theatre key={slug} channel={channel} first={first} />
}

/** An invitation stands behind the # of its link. Accepted, the page begins anew and the show is there. */
async function acceptInvitation(onWrong: (message: string) => void): Promise<void> {
  const secret = /^#invitation=([\w-]+)$/.exec(location.hash)?.[1]
  if (!secret) return
  try {
    await api.acceptInvitation(secret)
    location.replace(location.pathname)
  } catch (error) {
    const { status, message } = asApiError(error)
    if (status === 401) navigate(`/sign-in?next=${encodeURIComponent(location.pathname + location.hash)}`)
    else onWrong(message)
  }
}

function Theatre({ channel, first }: { channel: ChannelView | null; first: WatchFirstData | null }) {
  const { session, viewers } = useShow(channel)
  const isFirstShow = session?.id === first?.channel.live?.id
  const title = session?.title || channel?.name || ''
  usePageTitle(title)

  useEffect(() => void acceptInvitation(toast), [])
  const [isSharing, share] = useState(false)
  const chat = useChat(channel?.id ?? null)
  const isOnAir = session?.state === 'live' || session?.state === 'paused'
  return (
    <div class="theatre">
      <div class="theatre-picture">
        <Stage
          session={session}
          channelName={channel?.name ?? null}
          first={first?.playback ?? null}
          askedAt={place.value.askedAt}
        />
        {chat && <Floating chat={chat} />}
        {channel && (
          <div class="stage-words">
            <h1>{title}</h1>
            <div class="row">
              <SessionBadge session={session} />
              {title !== channel.name && <span>{channel.name}</span>}
              {isOnAir && (
                <span class="soft count" data-viewers={viewers}>
                  {viewersInWords(viewers)}
                </span>
              )}
              <span class="row">
                <Follow channelId={channel.id} />
                <button type="button" class="button small" onClick={() => share(true)}>
                  Share
                </button>
              </span>
            </div>
            {isSharing && <Share slug={channel.slug} title={title} onClose={() => share(false)} />}
            {(session?.description || channel.description) && (
              <p class="about">{session?.description || channel.description}</p>
            )}
            <Prices
              channelId={channel.id}
              sessionId={session?.id ?? null}
              first={isFirstShow ? (first?.offers ?? null) : null}
            />
            <Upcoming channelId={channel.id} first={first?.upcoming ?? null} />
          </div>
        )}
      </div>
      {chat ? <ChatPanel chat={chat} /> : <div class="chat card" aria-busy="true" />}
    </div>
  )
}

function NoSuchChannel({ slug }: { slug: string }) {
  usePageTitle('No such channel')
  return (
    <div class="empty">
      <h1>No such channel</h1>
      <p class="soft">There is no channel called “{slug}” here.</p>
      <a class="button" href="/">
        See who is live
      </a>
    </div>
  )
}
