import { useEffect, useState } from 'preact/hooks'
import { followChannel } from './follow-channel.ts'
import type { ChannelView, SessionView } from './views.ts'

/** What is on a channel now and how many watch it, kept up to date from the moment the channel is known. */
export function useShow(channel: ChannelView | null) {
  const [news, setNews] = useState<SessionView | null | undefined>(undefined)
  const [counted, setCounted] = useState<number | null>(null)
  const session = news === undefined ? (channel?.live ?? null) : news

  const channelId = channel?.id
  useEffect(() => {
    if (channelId === undefined) return
    const news = {
      onSession: (told: SessionView | null) => {
        // No session any more: what was on has ended.
        setNews((before) => told ?? (before ? { ...before, state: 'ended' } : null))
        setCounted(told?.viewers ?? null)
      },
      onViewers: setCounted,
    }
    return followChannel(channelId, news, new URLSearchParams(location.search).get('show'))
  }, [channelId])

  return { session, viewers: counted ?? session?.viewers ?? 0 }
}
