import { useState } from 'preact/hooks'
import { api } from '../api/client.ts'
import { takeFirstData } from '../api/first-data.ts'
import { useLoaded } from '../api/use-loaded.ts'
import { useShow } from '../api/use-show.ts'
import type { ChannelView, PlaybackView } from '../api/views.ts'
import { Stage } from '../player/stage.tsx'
import { place } from '../router.ts'
import { usePageTitle } from '../ui/layout.tsx'

interface EmbedFirstData {
  channel: ChannelView
  playback?: PlaybackView | null
}

/** The player alone, for other sites' frames: it fills whatever frame it is given. */
export function Embed({ slug }: { slug: string }) {
  const [first] = useState(() => takeFirstData<EmbedFirstData>(`/embed/${slug}`))
  const { value: channel, error } = useLoaded(`channel ${slug}`, () => api.channel(slug), first?.channel ?? null)
  const { session } = useShow(channel)
  const title = session?.title || channel?.name || ''
  usePageTitle(title)
  return (
    <main class="embed">
      {error ? (
        <p class="embed-wrong" role="alert">
          {error.status === 404 ? 'There is no such channel.' : error.message}
        </p>
      ) : (
        <Stage
          session={session}
          channelName={channel?.name ?? null}
          first={first?.playback ?? null}
          askedAt={place.value.askedAt}
        />
      )}
      {channel && (
        <a class="embed-title" href={`/c/${slug}`} target="_blank" rel="noopener">
          {title}
        </a>
      )}
    </main>
  )
}
