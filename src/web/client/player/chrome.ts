import 'media-chrome/media-controller'
import 'media-chrome/media-control-bar'
import 'media-chrome/media-fullscreen-button'
import 'media-chrome/media-live-button'
import 'media-chrome/media-loading-indicator'
import 'media-chrome/media-mute-button'
import 'media-chrome/media-pip-button'
import 'media-chrome/media-play-button'
import 'media-chrome/media-volume-range'
import 'media-chrome/menu/media-chrome-menu-item'
import 'media-chrome/menu/media-rendition-menu'
import 'media-chrome/menu/media-rendition-menu-button'
import type { HlsVideoElement } from 'hls-video-element'
import 'hls-video-element'

/** The controls around the picture. Their order is the order of the tab key. */
const markup = `
  <media-controller data-player defaultstreamtype="live" liveedgeoffset="4" seektoliveoffset="1.1" keyboardforwardseekoffset="5">
    <hls-video slot="media" playsinline preload="auto" crossorigin></hls-video>
    <media-loading-indicator slot="centered-chrome" noautohide></media-loading-indicator>
    <media-rendition-menu hidden anchor="auto"></media-rendition-menu>
    <media-control-bar>
      <media-play-button></media-play-button>
      <media-mute-button></media-mute-button>
      <media-volume-range></media-volume-range>
      <media-live-button></media-live-button>
      <span class="delay" title="Delay behind the broadcaster"></span>
      <span class="space"></span>
      <media-rendition-menu-button></media-rendition-menu-button>
      <media-pip-button></media-pip-button>
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
