import type { DataUse } from './data-use.ts'
import { type Key, listenToKeys } from './keys.ts'
import { recallChoice, rememberChoice } from './remembered.ts'
import { buildSettings } from './settings.ts'

const STEP_SECONDS = 10

/** Keys, and the buttons media-chrome has none of. */
export function equip(options: {
  host: HTMLElement
  controller: HTMLElement
  media: HTMLVideoElement
  signal: AbortSignal
  seekBy(seconds: number): void
  dataUse: DataUse
  hasSound(): boolean
  onDataUse(use: DataUse): void
}): void {
  const { host, controller, media, signal, seekBy, dataUse, hasSound, onDataUse } = options
  const button = (selector: string) => controller.querySelector<HTMLElement>(selector)
  const press = (name: string) => () => button(`media-${name}-button`)?.click()
  const louder = (step: number) => {
    media.volume = Math.min(1, Math.max(0, media.volume + step))
    media.muted = media.volume === 0
  }

  const keys: Key[] = [
    { keys: [' ', 'k'], shown: 'Space, K', does: 'Play or pause', act: press('play') },
    { keys: ['arrowleft', 'j'], shown: '←, J', does: 'Back 10 seconds', act: () => seekBy(-STEP_SECONDS) },
    { keys: ['arrowright'], shown: '→', does: 'Forward 10 seconds', act: () => seekBy(STEP_SECONDS) },
    { keys: ['l'], shown: 'L', does: 'Back to live', act: press('live') },
    { keys: ['m'], shown: 'M', does: 'Sound on or off', act: press('mute') },
    { keys: ['arrowup'], shown: '↑', does: 'Louder', act: () => louder(0.1) },
    { keys: ['arrowdown'], shown: '↓', does: 'Quieter', act: () => louder(-0.1) },
    { keys: ['c'], shown: 'C', does: 'Captions, where there are some', act: press('captions') },
    { keys: ['p'], shown: 'P', does: 'Picture in picture', act: press('pip') },
    { keys: ['t'], shown: 'T', does: 'Theatre mode', act: () => showTheatre(!isTheatre()) },
    { keys: ['f'], shown: 'F', does: 'Full screen', act: press('fullscreen') },
    { keys: ['?'], shown: '?', does: 'This list', act: () => settings.open() },
  ]
  const settings = buildSettings({
    host,
    keys,
    dataUse,
    hasSound,
    onDataUse,
    debugInfo: () => debugInfo(controller, media),
  })

  const isTheatre = () => 'theatre' in document.documentElement.dataset
  function showTheatre(isOn: boolean): void {
    document.documentElement.toggleAttribute('data-theatre', isOn)
    button('[data-theatre]')?.setAttribute('aria-pressed', String(isOn))
    rememberChoice('theatre', isOn ? 'on' : 'off')
  }

  listenToKeys(keys, controller, signal)
  button('[data-back]')?.addEventListener('click', () => seekBy(-STEP_SECONDS))
  button('[data-settings]')?.addEventListener('click', () => settings.open())
  button('[data-theatre]')?.addEventListener('click', () => showTheatre(!isTheatre()))
  if (recallChoice('theatre') === 'on') showTheatre(true)
  // The page goes back to its own width with the player.
  signal.addEventListener('abort', () => document.documentElement.removeAttribute('data-theatre'))
}

/** What a person who helps would ask for first. Without the address, which carries the right to play. */
function debugInfo(controller: HTMLElement, media: HTMLVideoElement): string {
  const { droppedVideoFrames, totalVideoFrames } = media.getVideoPlaybackQuality()
  const told = {
    at: new Date().toISOString(),
    page: location.pathname,
    browser: navigator.userAgent,
    picture: `${media.videoWidth}x${media.videoHeight}`,
    frames: `${droppedVideoFrames} of ${totalVideoFrames} dropped`,
    volume: media.muted ? 'muted' : media.volume,
    error: media.error?.message ?? null,
    player: { ...controller.dataset },
  }
  return JSON.stringify(told, null, 2)
}
