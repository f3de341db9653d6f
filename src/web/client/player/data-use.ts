import { Hls } from 'hls-video-element'
import { recallChoice, rememberChoice } from './remembered.ts'

/** What the picture may cost. */
export const DATA_USES = {
  best: { name: 'Best', does: 'What your line carries.' },
  less: { name: 'Save data', does: 'A small picture, whatever your line carries.' },
  sound: { name: 'Sound only', does: 'For this show; the picture comes back when you want it.' },
}

export type DataUse = keyof typeof DATA_USES

/** The short side of the largest picture for who saves data. */
const SMALL = 480

export function recallDataUse(): DataUse {
  return recallChoice('data') === 'less' ? 'less' : 'best'
}

/** Sound alone is for one show: somebody who comes back to a black picture would think it broken. */
export function rememberDataUse(use: DataUse): void {
  if (use === 'sound') return
  rememberChoice('data', use)
  // A quality of their own would win over it.
  if (use === 'less') rememberChoice('quality', 'auto')
}

/** The audio rendition is a show of its own, beside the playlist that names them all. */
export function soundOf(url: string): string {
  return url.replace(/main\.m3u8$/, 'audio.m3u8')
}

/** No larger than small, or the smallest there is. */
export function keepSmall(hls: Hls): void {
  hls.on(Hls.Events.MANIFEST_PARSED, (_name, { levels }) => {
    hls.autoLevelCapping = Math.max(
      0,
      levels.findLastIndex(({ width, height }) => Math.min(width, height) <= SMALL),
    )
  })
}
