import { useEffect, useState } from 'preact/hooks'
import { api } from '../api/client.ts'
import { takeFirstData } from '../api/first-data.ts'
import { followChannel } from '../api/follow-channel.ts'
import { recall } from '../api/known-channels.ts'
import { useLoaded } from '../api/use-loaded.ts'
import type { ChannelView, PlaybackView, SessionView } from '../api/views.ts'
import { ChatPanel, useChat } from '../chat/chat-panel.tsx'
import { Floating } from '../chat/floating.tsx'
import { Stage } from '../player/stage.tsx'
import { place } from '../router.ts'
import { usePageTitle } from '../ui/layout.tsx'
import { Notice } from '../ui/parts.tsx'
import { SessionBadge } from '../ui/session-badge.tsx'
import { viewersInWords } from '../ui/words.ts'

/** What the server may write into the page: the channel, and already a right to play what is on. */
interface WatchFirstData {
  channel: ChannelView
  playback?: PlaybackView | null
}

export function Watch({ slug }: { slug: string }) {
  const [first] = useState(() => takeFirstData<WatchFirstData>(`/c/${slug}`))
  const known = first?.channel ?? recall(slug)
  const { value: channel, error } = useLoaded(`channel ${slug}`, () => api.channel(slug), known)
  if (error?.status === 404) return <NoSuchChannel slug={slug} />
  if (error) return <Notice isBad>{error.message}</Notice>
  return <Theatre key={slug} channel={channel} playback={first?.playback ?? null} />
}

function Theatre({ channel, playback }: { channel: ChannelView | null; playback: PlaybackView | null }) {
  const [news, setNews] = useState<SessionView | null | undefined>(undefined)
  const [viewers, setViewers] = useState<number | null>(null)
  const session = news === undefined ? (channel?.live ?? null) : news
  const title = session?.title || channel?.name || ''
  usePageTitle(title)

  const channelId = channel?.id
  useEffect(() => {
    if (channelId === undefined) return
    return followChannel(channelId, {
      onSession: (told) => {
        // No session any more: what was on has ended.
        setNews((before) => told ?? (before ? { ...before, state: 'ended' } : null))
        setViewers(told?.viewers ?? null)
      },
      onViewers: setViewers,
    })
  }, [channelId])

  const chat = useChat(channel?.id ?? null)

  const isOnAir = session?.state === 'live' || session?.state === 'paused'
  return (
    <div class="theatre">
      <div class="theatre-picture">
        <Stage session={session} channelName={channel?.name ?? null} first={playback} askedAt={place.value.askedAt} />
        {chat && <Floating chat={chat} />}
        {channel && (
          <div class="stage-words">
            <h1>{title}</h1>
            <div class="row">
              <SessionBadge session={session} />
              {title !== channel.name && <span>{channel.name}</span>}
              {isOnAir && (
                <span class="soft count" data-viewers={viewers ?? session.viewers}>
                  {viewersInWords(viewers ?? session.viewers)}
                </span>
              )}
            </div>
            {(session?.description || channel.description) && (
              <p class="about">{session?.description || channel.description}</p>
            )}
          </div>
        )}
      </div>
      {chat && <ChatPanel chat={chat} />}
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
