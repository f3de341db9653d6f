import { effect } from '@preact/signals'
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { ApiError, api } from '../api/client.ts'
import { hopesForRights, rightsChanges, watching, withdrawn } from '../api/rights.ts'
import type { PlaybackView, SessionView } from '../api/views.ts'
import { Still } from '../ui/still.tsx'
import type { Player, PlayerNews } from './create-player.ts'
import { Offer } from './offer.tsx'
import { type Refusal, refusalIn } from './refusal.ts'

/** How long the last pictures may play on after the word that the show is over. */
const LAST_PICTURES_MS = 4_000
const ASK_AGAIN_MS = 2_000
const RENEW_SOONEST_MS = 20_000

interface StageProps {
  session: SessionView | null
  channelName: string | null
  first: PlaybackView | null
  askedAt: number
  /** A preview beside one's own microphone begins in silence. */
  startsMuted?: boolean
}

/** The picture and whatever stands over it. One player lives as long as its session, through pauses and reconnects. */
export function Stage({ session, channelName, first, askedAt, startsMuted = false }: StageProps) {
  const host = useRef<HTMLDivElement>(null)
  const player = useRef<Player | null>(null)
  const [isMuted, setMuted] = useState(false)
  const [needsClick, setNeedsClick] = useState(false)
  const [hasPlayed, setPlayed] = useState(false)
  const [hasPicture, setPicture] = useState(true)
  const [isOver, setOver] = useState(false)
  const [isTroubled, setTroubled] = useState(false)
  const [isSoundOnly, setSoundOnly] = useState(false)
  const [round, setRound] = useState(0)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  /** The right to watch this page was given last, and one that waits for its player. */
  const right = useRef<PlaybackView | null>(null)
  const upcoming = useRef<PlaybackView | null>(null)
  const askAgain = useRef<(goesOn: boolean) => void>(() => undefined)

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
    else if (news.type === 'data-use') {
      setSoundOnly(news.use === 'sound')
      setRound((before) => before + 1)
    } else if (news.type === 'withdrawn') setTimeout(() => askAgain.current(true), ASK_AGAIN_MS)
  }, [])

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
        const given = upcoming.current ?? (round === 0 && first?.session.id === sessionId ? first : null)
        upcoming.current = null
        const [{ createPlayer }, granted] = await Promise.all([
          import('./create-player.ts'),
          given ?? api.playback(sessionId, { signal: stopping.signal }),
        ])
        if (stopping.signal.aborted) return
        const { url } = granted
        hold(granted)
        const catchUp = new URLSearchParams(location.search).get('catch-up') === 'hls.js' ? 'of hls.js' : 'ours'
        const made = await createPlayer({
          host: element,
          url,
          askedAt: asked,
          catchUp,
          startsMuted,
          isSoundOnly,
          onNews,
        })
        if (stopping.signal.aborted) made.destroy()
        else player.current = made
      } catch (error) {
        if (stopping.signal.aborted || isRefused(error)) return
        setTroubled(true)
        setTimeout(() => !stopping.signal.aborted && isOnAir(before.current) && open(), ASK_AGAIN_MS)
      }
    }

    return () => {
      stopping.abort()
      clearTimeout(renewal.current)
      player.current?.destroy()
      player.current = null
    }
  }, [sessionId, wasPlayable, round])

  const renewal = useRef(0)

  /** From now on this is the right the page watches by; it is renewed well before it ends. */
  function hold(granted: PlaybackView): void {
    right.current = granted
    watching.value = { token: granted.token, sessionId: granted.session.id }
    setRefusal(null)
    hopesForRights.value = false
    clearTimeout(renewal.current)
    const left = Date.parse(granted.expiresAt) - Date.now()
    renewal.current = window.setTimeout(() => void renew(granted), Math.max(RENEW_SOONEST_MS, left * 0.8))
  }

  async function renew({ session: { id }, token }: PlaybackView): Promise<void> {
    try {
      const granted = await api.playback(id, { previous: token })
      if (right.current?.token !== token) return
      player.current?.renew(granted.url)
      hold(granted)
    } catch (error) {
      if (right.current?.token !== token || isRefused(error)) return
      renewal.current = window.setTimeout(() => right.current && void renew(right.current), RENEW_SOONEST_MS)
    }
  }

  /** Shows what would help, over the last picture; false for what is a failure and no refusal. */
  function isRefused(error: unknown): boolean {
    const told = withdrawn.value?.sessionId === sessionId ? withdrawn.value.reason : null
    const found = error instanceof ApiError ? refusalIn(error, told) : null
    if (!found) return false
    player.current?.hold()
    right.current = null
    watching.value = null
    hopesForRights.value = true
    setRefusal(found)
    return true
  }

  askAgain.current = async (goesOn) => {
    if (sessionId === null) return
    try {
      upcoming.current = await api.playback(sessionId, { previous: goesOn ? (right.current?.token ?? null) : null })
      setRound((before) => before + 1)
    } catch (error) {
      if (!isRefused(error)) setTimeout(() => askAgain.current(goesOn), ASK_AGAIN_MS)
    }
  }

  useEffect(() => {
    const stopListening = [
      effect(() => {
        const told = withdrawn.value
        if (told && told.sessionId === right.current?.session.id) askAgain.current(true)
      }),
      effect(() => {
        if (rightsChanges.value > 0 && hopesForRights.peek()) askAgain.current(false)
      }),
    ]
    return () => {
      for (const stop of stopListening) stop()
      watching.value = null
      hopesForRights.value = false
    }
  }, [])

  // The show may have opened meanwhile.
  const version = session?.version ?? 0
  useEffect(() => {
    if (refusal) askAgain.current(false)
  }, [version])

  async function follow(): Promise<void> {
    if (!session) return
    await api.follow(session.channelId).catch(() => undefined)
    askAgain.current(false)
  }

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

  const veil = veilFor({ state, channelName, hasPlayed, isOver, isTroubled, hasPicture: hasPicture || isSoundOnly })
  const isDark = isSoundOnly && hasPlayed && !veil
  return (
    <div
      class={`stage${wasPlayable && !(isOver && !hasPlayed) ? '' : ' dark-house'}`}
      data-session-state={state ?? 'none'}
    >
      <div class="stage-host" ref={host} />
      {session?.thumbnailUrl && ((state !== 'live' && (!hasPlayed || isOver)) || isDark) && (
        <Still kind="stage-poster" url={session.thumbnailUrl} sizes="100vw" />
      )}
      {isMuted && hasPlayed && (
        <button type="button" class="button small stage-unmute" onClick={unmute}>
          Turn the sound on
        </button>
      )}
      {isDark && !refusal && (
        <div class="stage-veil" role="status">
          <p>Sound only</p>
          <button type="button" class="button" onClick={() => onNews({ type: 'data-use', use: 'best' })}>
            Show the picture
          </button>
        </div>
      )}
      {refusal ? (
        <Offer refusal={refusal} onFollow={() => void follow()} onAgain={() => askAgain.current(false)} />
      ) : needsClick ? (
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
