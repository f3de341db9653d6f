import { useEffect, useState } from 'preact/hooks'
import { api } from '../api/client.ts'
import { followChannel } from '../api/follow-channel.ts'
import { useLoaded } from '../api/use-loaded.ts'
import type { ChannelView, SessionView } from '../api/views.ts'
import { usePageTitle } from '../ui/layout.tsx'
import { CopyField, Notice } from '../ui/parts.tsx'
import { CurrentSession } from './current-session.tsx'
import { StreamKeys } from './stream-keys.tsx'
import { useMe } from './studio.tsx'

export function StudioChannel({ slug }: { slug: string }) {
  const user = useMe()
  const { value: channel, error } = useLoaded(`channel ${slug} ${user?.id}`, () => api.channel(slug))
  usePageTitle(channel ? `${channel.name}, studio` : 'Studio')
  if (!user) return null
  if (error) return <Notice isBad>{error.message}</Notice>
  return channel ? <Desk channel={channel} /> : null
}

function Desk({ channel }: { channel: ChannelView }) {
  const [session, setSession] = useState<SessionView | null>(channel.live)
  const [viewers, setViewers] = useState(channel.live?.viewers ?? 0)
  useEffect(
    () =>
      followChannel(channel.id, {
        onSession: (told) => {
          setSession(told)
          setViewers(told?.viewers ?? 0)
        },
        onViewers: setViewers,
      }),
    [channel.id],
  )
  return (
    <div class="stack wide">
      <div class="row apart">
        <h1>{channel.name}</h1>
        <div class="row">
          <a class="button small" href={`/studio/${channel.slug}/chat`}>
            Chat
          </a>
          <a class="button small" href={`/c/${channel.slug}`}>
            Watch page
          </a>
        </div>
      </div>
      <div class="studio-grid">
        <div class="stack">
          <CurrentSession session={session} viewers={viewers} onChange={setSession} />
          <Server />
          <StreamKeys channelId={channel.id} />
        </div>
        <ObsSteps />
      </div>
    </div>
  )
}

function Server() {
  const { value, error } = useLoaded('node', api.node)
  return (
    <section class="card padded stack" aria-labelledby="server">
      <h2 id="server">Server</h2>
      {error && <Notice isBad>{error.message}</Notice>}
      {!value && !error && <div class="skeleton loading-field" />}
      {value && <CopyField label="Server address" value={value.rtmpUrl} />}
      {value?.rtmpsUrl && (
        <CopyField label="Encrypted server address" value={value.rtmpsUrl} hint="Use this one when your encoder can." />
      )}
    </section>
  )
}

function ObsSteps() {
  return (
    <section class="card padded stack" aria-labelledby="obs">
      <h2 id="obs">In OBS</h2>
      <ol class="steps">
        <li>
          Open <b>Settings</b>, then <b>Stream</b>, and choose the service <b>Custom…</b>
        </li>
        <li>
          Paste the <b>server address</b> and a <b>stream key</b>.
        </li>
        <li>
          Under <b>Output</b>, set the keyframe interval to <b>2{'\u00a0'}s</b>. H.264 video and AAC audio play
          everywhere.
        </li>
        <li>
          Press <b>Start Streaming</b>. This page and the watch page change by themselves.
        </li>
      </ol>
    </section>
  )
}
