import { useEffect, useState } from 'preact/hooks'
import { takeFirstData } from '../api/first-data.ts'
import { followChannel } from '../api/follow-channel.ts'
import { useLoaded } from '../api/use-loaded.ts'
import type { SessionView } from '../api/views.ts'
import { ChatPanel, useChat } from '../chat/chat-panel.tsx'
import type { OffersView } from '../money/money-api.ts'
import { Prices } from '../money/prices.tsx'
import { navigate } from '../router.ts'
import { usePageTitle } from '../ui/layout.tsx'
import { Notice } from '../ui/parts.tsx'
import { Countdown } from './countdown.tsx'
import { Follow } from './follow.tsx'
import { programmeApi, type ShowView } from './programme-api.ts'
import { Remind } from './remind.tsx'
import { ownZone, whenInWords } from './times.ts'
import { forWhom } from './upcoming.tsx'

/** How often what is said of the show is looked at again. */
const REFRESH_MS = 30_000
const ON_AIR = new Set(['live', 'paused'])

/** What the server writes into the page. */
interface ShowFirstData {
  show: ShowView
  offers: OffersView | null
}

/** A planned show before it begins: what it is, when, what it costs, and who else waits. It becomes the stream by itself. */
export function ShowPage({ code }: { code: string }) {
  const [first] = useState(() => takeFirstData<ShowFirstData>(`/show/${code}`))
  const known = first?.show ?? null
  const { value: show, error, reload } = useLoaded(`show ${code}`, () => programmeApi.show(code), known)
  usePageTitle(show?.title ?? 'Show')
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === 'visible' && reload(), REFRESH_MS)
    return () => clearInterval(timer)
  }, [reload])
  if (error?.status === 404) return <NoSuchShow />
  if (error) return <Notice isBad>{error.message}</Notice>
  if (!show) return <div class="skeleton loading-card" />
  return <WaitingRoom key={show.id} show={show} offers={first?.offers ?? null} />
}

function WaitingRoom({ show, offers }: { show: ShowView; offers: OffersView | null }) {
  const { channel, code, state } = show
  const chat = useChat(channel.id)
  useEffect(() => {
    const toStream = () => navigate(`/c/${channel.slug}?show=${code}`, { replace: true })
    if (ON_AIR.has(state)) return toStream()
    const onSession = (session: SessionView | null) => {
      if (session?.code === code && ON_AIR.has(session.state)) toStream()
    }
    return followChannel(channel.id, { onSession, onViewers: () => undefined }, code)
  }, [channel.id, code, state])
  const isToCome = state === 'scheduled' || state === 'starting'
  return (
    <div class="theatre">
      <div class="theatre-picture stack">
        <div class="stage dark-house waiting" data-show-state={state}>
          {show.pictureUrl && <img class="waiting-picture" src={large(show.pictureUrl)} alt="" />}
          <Front show={show} />
        </div>
        <div class="stage-words">
          <h1>{show.title}</h1>
          <p class="soft">
            <a href={`/c/${channel.slug}`}>{channel.name}</a> · <Time show={show} />
          </p>
          <div class="row">
            {isToCome && <Remind show={show} />}
            {isToCome && (
              <a class="button small" href={`/show/${code}/calendar.ics`} download>
                Add to calendar
              </a>
            )}
            <Follow channelId={channel.id} />
          </div>
          {show.description && <p class="about">{show.description}</p>}
          {isToCome && <Prices channelId={channel.id} sessionId={show.id} first={offers} />}
        </div>
      </div>
      {chat && <ChatPanel chat={chat} />}
    </div>
  )
}

const large = (pictureUrl: string) => pictureUrl.replace('640.jpg', '1280.jpg')

/** What stands where the picture will be. */
function Front({ show }: { show: ShowView }) {
  if (show.state === 'cancelled') {
    return (
      <>
        <p class="waiting-word">This show is called off</p>
        <p>{show.endReason}. Whoever paid for it is paid back.</p>
      </>
    )
  }
  if (show.state !== 'scheduled' && show.state !== 'starting') {
    return (
      <>
        <p class="waiting-word">This show is over</p>
        <a class="button" href={`/c/${show.channel.slug}`}>
          To the channel
        </a>
      </>
    )
  }
  if (show.isMissed) {
    return (
      <>
        <p class="waiting-word">This show did not take place</p>
        <p>When it has a new time, whoever is to be reminded is told.</p>
      </>
    )
  }
  return (
    <>
      {forWhom(show) && <span class="badge">{forWhom(show)}</span>}
      <Countdown until={show.scheduledAt} />
      <p>It begins here by itself.</p>
    </>
  )
}

/** In the reader's own zone, and in the show's where that is another one. */
function Time({ show: { scheduledAt, timeZone, durationMinutes } }: { show: ShowView }) {
  const here = whenInWords(scheduledAt)
  const there = timeZone && timeZone !== ownZone() ? whenInWords(scheduledAt, timeZone) : here
  return (
    <>
      <time dateTime={scheduledAt}>{here}</time>
      {there !== here && ` (${there} ${timeZone})`}
      {durationMinutes !== null && ` · ${durationMinutes} min`}
    </>
  )
}

function NoSuchShow() {
  return (
    <div class="empty">
      <h1>No such show</h1>
      <p class="soft">It is not there, or it is not for this account.</p>
      <a class="button" href="/">
        See what is on
      </a>
    </div>
  )
}
