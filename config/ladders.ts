/** One encoding we are willing to make. The height is the short side, so a portrait source is served by the same rungs. */
export interface Rung {
  name: string
  height: number
  maxFrameRate: number
  /** bits per second, for a 16:9 picture */
  videoBitrate: number
}

/** The rungs a source may be encoded to, from the top. Bitrates are for live H.264 without B-frames or lookahead. */
export const rungs: readonly Rung[] = [
  { name: '1080p60', height: 1080, maxFrameRate: 60, videoBitrate: 6_000_000 },
  { name: '1080p', height: 1080, maxFrameRate: 30, videoBitrate: 4_500_000 },
  { name: '720p60', height: 720, maxFrameRate: 60, videoBitrate: 4_000_000 },
  { name: '720p', height: 720, maxFrameRate: 30, videoBitrate: 2_800_000 },
  { name: '480p', height: 480, maxFrameRate: 30, videoBitrate: 1_400_000 },
  { name: '360p', height: 360, maxFrameRate: 30, videoBitrate: 800_000 },
  { name: '240p', height: 240, maxFrameRate: 30, videoBitrate: 400_000 },
]

export const rungNames = rungs.map(({ name }) => name)

/** The one audio rendition, where the source's own audio cannot be shown as it is: bits per second. */
export const audioBitrate = 128_000

/** How many video renditions FFmpeg makes for one session at most. */
export const maxEncodedRenditions = 3

/** How a ladder is fitted to the box, in 720p30 encodes (decoding included). `LADDER` with a list of rungs overrides it. */
export const capacity = {
  /** how much of what was measured may be given to encoders; the rest is for everything else */
  usableShare: 0.8,
  /** what a processor core is taken to do until it has been measured */
  cautiousPerCore: 0.75,
  /** decoding's part of one 720p30 encode */
  decodeShare: 0.17,
  /** an encode costs its pixel rate to this power */
  pixelPower: 0.8,
}

/** x264's preset: the fastest one whose picture still holds at these bitrates. */
export const encoderPreset = 'veryfast'

/** What a source may be and still be shown as it comes, without being encoded again. */
export const passThrough = { keyframeIntervalMs: 4_000, videoBitrate: 12_000_000 }
