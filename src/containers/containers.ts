/**
 * FLV and MP4, byte by byte: what a broadcaster or an encoder sends is read as configurations and frames, and written again
 * as init sections and parts. Owns nothing, knows nothing of sessions or playlists.
 */
export { audioConfig, VIDEO_TIMESCALE, videoConfig } from './codecs.ts'
export { createFlvReader, type FlvTag } from './flv-reader.ts'
export {
  type AudioConfig,
  fragment,
  initSection,
  type Sample,
  type TrackConfig,
  type VideoConfig,
} from './mp4-boxes.ts'
export { createMp4Reader } from './mp4-reader.ts'
