import 'media-chrome/media-airplay-button'
import 'media-chrome/media-captions-button'
import 'media-chrome/media-cast-button'
import 'media-chrome/media-controller'
import 'media-chrome/media-control-bar'
import 'media-chrome/media-fullscreen-button'
import 'media-chrome/media-live-button'
import 'media-chrome/media-loading-indicator'
import 'media-chrome/media-mute-button'
import 'media-chrome/media-pip-button'
import 'media-chrome/media-play-button'
import 'media-chrome/media-time-range'
import 'media-chrome/media-volume-range'
import 'media-chrome/menu/media-chrome-menu-item'
import 'media-chrome/menu/media-rendition-menu'
import 'media-chrome/menu/media-rendition-menu-button'
import type { HlsVideoElement } from 'hls-video-element'
import 'hls-video-element'

/** The controls around the picture. Their order is the order of the tab key. */
const markup = `
  <media-controller data-player nohotkeys defaultstreamtype="live" liveedgeoffset="4" seektoliveoffset="1.1" keyboardforwardseekoffset="5">
    <hls-video slot="media" playsinline preload="auto" crossorigin></hls-video>
    <media-loading-indicator slot="centered-chrome" noautohide></media-loading-indicator>
    <media-rendition-menu hidden anchor="auto"></media-rendition-menu>
    <media-control-bar class="seek">
      <media-time-range></media-time-range>
    </media-control-bar>
    <media-control-bar>
      <media-play-button></media-play-button>
      <button type="button" data-back aria-label="Back 10 seconds">−10</button>
      <media-mute-button></media-mute-button>
      <media-volume-range></media-volume-range>
      <media-live-button></media-live-button>
      <span class="delay" title="Delay behind the broadcaster"></span>
      <span class="space"></span>
      <media-rendition-menu-button></media-rendition-menu-button>
      <media-captions-button></media-captions-button>
      <media-airplay-button></media-airplay-button>
      <media-cast-button></media-cast-button>
      <button type="button" data-settings aria-label="Settings and keyboard"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 7h9m4 0h3M4 17h3m4 0h9" /><circle cx="15" cy="7" r="2" /><circle cx="9" cy="17" r="2" /></svg></button>
      <media-pip-button></media-pip-button>
      <button type="button" data-theatre aria-label="Theatre mode" aria-pressed="false"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M3 6h18v12H3z" /></svg></button>
      <media-fullscreen-button></media-fullscreen-button>
    </media-control-bar>
  </media-controller>`

export interface Chrome {
  controller: HTMLElement
  video: HlsVideoElement
  /** The real `<video>` inside. */
  media: HTMLVideoElement
  delay: HTMLElement
}

export function buildChrome(host: HTMLElement): Chrome {
  host.innerHTML = markup
  const controller = host.querySelector<HTMLElement>('media-controller')
  const video = host.querySelector<HlsVideoElement & HTMLElement>('hls-video')
  const delay = host.querySelector<HTMLElement>('.delay')
  const media = video?.shadowRoot?.querySelector('video')
  if (!controller || !video || !delay || !media) throw new Error('the player could not be built')
  return { controller, video, delay, media }
}
