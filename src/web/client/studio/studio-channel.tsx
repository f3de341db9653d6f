import { useEffect, useRef, useState } from 'preact/hooks'
import { api } from '../api/client.ts'
import { takeFirstData } from '../api/first-data.ts'
import { followChannel } from '../api/follow-channel.ts'
import { me, useMe } from '../api/me.ts'
import { useLoaded } from '../api/use-loaded.ts'
import type { ChannelView, NodeView, SessionView, UserView } from '../api/views.ts'
import { Stage } from '../player/stage.tsx'
import { usePageTitle } from '../ui/layout.tsx'
import { CopyField, Empty, Notice } from '../ui/parts.tsx'
import { AboutChannel } from './about-channel.tsx'
import { CurrentSession, isUnderWay } from './current-session.tsx'
import { Doctor } from './doctor.tsx'
import { Graphs } from './graphs.tsx'
import { PastSessions } from './past-sessions.tsx'
import { StreamKeys } from './stream-keys.tsx'
import { useHealth } from './use-health.ts'

/** What the server wrote into the page. */
interface StudioFirstData {
  user: UserView
  channel: ChannelView | null
  node: NodeView | null
}

export function StudioChannel({ slug }: { slug: string }) {
  const [first] = useState(() => takeFirstData<StudioFirstData>(`/studio/${slug}`))
  const signedIn = useMe()
  // Until the page has asked for itself, it is who the server saw.
  const user = me.value === undefined ? (first?.user ?? null) : signedIn
  const known = first?.channel ?? null
  const { value: channel, error, replace } = useLoaded(`channel ${slug} ${user?.id}`, () => api.channel(slug), known)
  usePageTitle(channel ? `${channel.name}, studio` : 'Studio')
  if (!user) return null
  if (error) return <Notice isBad>{error.message}</Notice>
  if (!channel) return <div class="skeleton loading-card" />
  if (channel.ownerId !== user.id && user.role !== 'admin') return <NotYours channel={channel} />
  return <Desk channel={channel} node={first?.node ?? null} onChange={replace} />
}

function NotYours({ channel }: { channel: ChannelView }) {
  return (
    <Empty title="This is somebody else’s studio">
      <p>
        Only the owner of {channel.name} comes in here. <a href={`/c/${channel.slug}`}>Watch the channel</a> instead.
      </p>
    </Empty>
  )
}

interface DeskProps {
  channel: ChannelView
  node: NodeView | null
  onChange(channel: ChannelView): void
}

function Desk({ channel, node, onChange }: DeskProps) {
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
  const open = isUnderWay(session) ? session : null
  const health = useHealth(open?.id ?? null)
  return (
    <div class="stack">
      <div class="row apart">
        <h1>{channel.name}</h1>
        <div class="row">
          <a class="button small" href={`/studio/${channel.slug}/chat`}>
            Chat
          </a>
          <a class="button small" href={`/studio/${channel.slug}/audience`}>
            Audience
          </a>
          <a class="button small" href={`/studio/${channel.slug}/sales`}>
            Sales
          </a>
          <a class="button small" href={`/studio/${channel.slug}/earnings`}>
            Earnings
          </a>
          <a class="button small" href={`/c/${channel.slug}`}>
            Watch page
          </a>
        </div>
      </div>
      <div class="studio-grid">
        <div class="stack">
          {open && <Preview session={open} name={channel.name} />}
          <CurrentSession session={session} viewers={viewers} onChange={setSession} />
          {!open && <Ways channelId={channel.id} node={node} />}
        </div>
        <div class="stack">
          {open ? <Doctor health={health} /> : <ObsSteps />}
          <AboutChannel key={channel.id} channel={channel} onChange={onChange} />
        </div>
      </div>
      {open && <Graphs health={health} />}
      <div class="studio-grid">
        <div class="stack">
          <PastSessions channelId={channel.id} slug={channel.slug} after={session?.endedAt ?? null} />
        </div>
        {open && (
          <div class="stack">
            <Ways channelId={channel.id} node={node} />
          </div>
        )}
      </div>
    </div>
  )
}

function Preview({ session, name }: { session: SessionView; name: string }) {
  const askedAt = useRef(performance.now())
  return (
    <section class="preview" aria-label="Preview">
      <Stage session={session} channelName={name} first={null} askedAt={askedAt.current} startsMuted />
    </section>
  )
}

/** The ways in: address and keys. */
function Ways({ channelId, node }: { channelId: string; node: NodeView | null }) {
  return (
    <>
      <Server first={node} />
      <StreamKeys channelId={channelId} />
    </>
  )
}

function Server({ first }: { first: NodeView | null }) {
  const { value, error } = useLoaded('node', api.node, first)
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
          Under <b>Output</b>, choose the mode <b>Advanced</b> and set the keyframe interval to <b>2{'\u00a0'}s</b>.
          H.264 video and AAC audio play everywhere.
        </li>
        <li>
          Press <b>Start Streaming</b>. This page and the watch page change by themselves.
        </li>
      </ol>
    </section>
  )
}
