import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { api } from '../api/client.ts'
import type { PlaybackView, SessionView } from '../api/views.ts'
import { Still } from '../ui/still.tsx'
import type { Player, PlayerNews } from './create-player.ts'

/** How long the last pictures may play on after the word that the show is over. */
const LAST_PICTURES_MS = 4_000
const ASK_AGAIN_MS = 2_000

interface StageProps {
  session: SessionView | null
  channelName: string | null
  first: PlaybackView | null
  askedAt: number
}

/** The picture and whatever stands over it. One player lives as long as its session, through pauses and reconnects. */
export function Stage({ session, channelName, first, askedAt }: StageProps) {
  const host = useRef<HTMLDivElement>(null)
  const player = useRef<Player | null>(null)
  const [isMuted, setMuted] = useState(false)
  const [needsClick, setNeedsClick] = useState(false)
  const [hasPlayed, setPlayed] = useState(false)
  const [hasPicture, setPicture] = useState(true)
  const [isOver, setOver] = useState(false)
  const [isTroubled, setTroubled] = useState(false)
  const [round, setRound] = useState(0)

  const sessionId = session?.id ?? null
  const state = session?.state ?? null
  const isPlayable = isOnAir(state)
  const wasPlayable = useSticky(sessionId, isPlayable)
  const playableAtOnce = useRef(isPlayable ? sessionId : null)

  const onNews = useCallback((news: PlayerNews) => {
    if (news.type === 'first-frame') {
      setPlayed(true)
      setPicture(news.hasPicture)
      setTroubled(false)
      setNeedsClick(false)
    } else if (news.type === 'muted') setMuted(true)
    else if (news.type === 'needs-click') setNeedsClick(true)
    else if (news.type === 'ended') setOver(true)
    else if (news.type === 'trouble') setTroubled(news.lasting)
    else if (news.type === 'recovered') setTroubled(false)
    else if (news.type === 'withdrawn') setTimeout(() => setRound((before) => before + 1), ASK_AGAIN_MS)
  }, [])

  const storyboard = useRef<string | null>(null)
  storyboard.current = session?.storyboardUrl ?? null

  const before = useRef(state)
  // A new player for a new session or a new right to play only.
  useEffect(() => {
    if (sessionId === null || !wasPlayable || !host.current) return
    const element = host.current
    const stopping = new AbortController()
    // Who waited for the show asked for it only when it began.
    const asked = playableAtOnce.current === sessionId ? askedAt : performance.now()
    setOver(false)
    setPlayed(false)
    setTroubled(false)
    open()

    async function open() {
      if (sessionId === null) return
      try {
        const given = round === 0 && first?.session.id === sessionId ? first : null
        const [{ createPlayer }, { url }] = await Promise.all([
          import('./create-player.ts'),
          given ?? api.playback(sessionId, stopping.signal),
        ])
        if (stopping.signal.aborted) return
        const catchUp = new URLSearchParams(location.search).get('catch-up') === 'hls.js' ? 'of hls.js' : 'ours'
        const made = await createPlayer({
          host: element,
          url,
          askedAt: asked,
          catchUp,
          storyboardUrl: () => storyboard.current,
          onNews,
        })
        if (stopping.signal.aborted) made.destroy()
        else player.current = made
      } catch {
        if (stopping.signal.aborted) return
        setTroubled(true)
        setTimeout(() => !stopping.signal.aborted && isOnAir(before.current) && open(), ASK_AGAIN_MS)
      }
    }

    return () => {
      stopping.abort()
      player.current?.destroy()
      player.current = null
    }
  }, [sessionId, wasPlayable, round])

  useEffect(() => {
    if (state === 'paused' && before.current === 'live') player.current?.hold()
    if (state === 'live' && before.current === 'paused') player.current?.goOn()
    before.current = state
    if (state !== 'ended' && state !== 'error') return
    const timer = setTimeout(() => setOver(true), LAST_PICTURES_MS)
    return () => clearTimeout(timer)
  }, [state])

  function unmute() {
    setMuted(false)
    setNeedsClick(false)
    player.current?.unmute()
  }

  const veil = veilFor({ state, channelName, hasPlayed, isOver, isTroubled, hasPicture })
  return (
    <div
      class={`stage${wasPlayable && !(isOver && !hasPlayed) ? '' : ' dark-house'}`}
      data-session-state={state ?? 'none'}
    >
      <div class="stage-host" ref={host} />
      {session?.thumbnailUrl && (!hasPlayed || (isOver && state !== 'live')) && (
        <Still kind="stage-poster" url={session.thumbnailUrl} sizes="100vw" />
      )}
      {isMuted && hasPlayed && (
        <button type="button" class="button small stage-unmute" onClick={unmute}>
          Turn the sound on
        </button>
      )}
      {needsClick ? (
        <div class="stage-veil">
          <button type="button" class="button primary" onClick={unmute}>
            Play
          </button>
        </div>
      ) : (
        veil && (
          <div class="stage-veil" role="status">
            <p>{veil[0]}</p>
            {veil[1] && <p>{veil[1]}</p>}
          </div>
        )
      )}
    </div>
  )
}

function isOnAir(state: SessionView['state'] | null): boolean {
  return state === 'live' || state === 'paused'
}

/** True from the moment this session could be played, for as long as it is the same session. */
function useSticky(key: string | null, isTrue: boolean): boolean {
  const seen = useRef<string | null>(null)
  if (isTrue) seen.current = key
  return key !== null && seen.current === key
}

function veilFor(scene: {
  state: SessionView['state'] | null
  channelName: string | null
  hasPlayed: boolean
  isOver: boolean
  isTroubled: boolean
  hasPicture: boolean
}): [string, string?] | null {
  const { state, channelName, hasPlayed, isOver, isTroubled, hasPicture } = scene
  switch (state) {
    case 'paused':
      return ['The broadcaster will be back in a moment', 'The show goes on here by itself.']
    case 'starting':
      return ['The show is about to begin']
    case 'live':
      if (isTroubled) return ['Reconnecting…', 'The connection to the show is lost; it is being tried again.']
      return hasPlayed && !hasPicture ? ['Sound only', 'This show has no picture.'] : null
    case 'ended':
    case 'error':
      return hasPlayed && !isOver ? null : ['The show has ended', 'The next one begins here by itself.']
    default:
      return channelName === null ? null : [`${channelName} is offline`, 'When a show begins, it plays here by itself.']
  }
}
