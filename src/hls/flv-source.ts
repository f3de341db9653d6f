/**
 * Reads a publisher's FLV from the ingest process and hands out configurations and frames of H.264 and AAC as they are:
 * AVCC samples are MP4 samples already. FFmpeg reads the same stream and is told `-output_ts_offset` OFFSET_SECONDS, so both
 * count time alike, and a frame shown before time zero (a B-frame's decode time) does not become negative.
 */
import { connect } from 'node:net'
import type { AudioConfig, VideoConfig } from '../containers/containers.ts'
import { audioConfig, createFlvReader, type FlvTag, VIDEO_TIMESCALE, videoConfig } from '../containers/containers.ts'
import type { Logger } from '../platform/logger.ts'
import type { Frame } from './leader.ts'

export const OFFSET_SECONDS = 10

/** RTMP stamps audio in whole milliseconds; within this the count of samples is the better clock. */
const AUDIO_SLACK = 0.06
const AAC_FRAME = 1024

export type SourceVideoConfig = ReturnType<typeof videoConfig>

export interface FlvEvents {
  onVideoConfig(config: SourceVideoConfig): void
  onAudioConfig(config: AudioConfig): void
  onVideo(frame: Frame): void
  onAudio(frame: Frame): void
  /** A codec that only FFmpeg may understand. Told once for each track. */
  onOther(track: 'video' | 'audio', codec: string): void
  /** The stream is over; the error is null at a clean end. */
  onEnd(error: Error | null): void
}

export function openFlvSource(path: string, events: FlvEvents, logger: Logger): { close(): void } {
  const socket = connect(path)
  const read = createFlvReader(createTagSorter(events, logger))
  let failure: Error | null = null
  socket.on('data', (chunk) => {
    try {
      read(chunk)
    } catch (error) {
      socket.destroy(error as Error)
    }
  })
  socket.on('error', (error) => {
    failure = error
  })
  socket.on('close', () => events.onEnd(failure))
  return { close: () => void socket.destroy() }
}

/** Sorts tags into configurations (only when they changed) and frames on the clocks of their tracks. */
export function createTagSorter(events: FlvEvents, logger: Logger): (tag: FlvTag) => void {
  const others = new Set<string>()
  let video: VideoConfig | null = null
  let audio: AudioConfig | null = null
  let nextAudio = 0

  function configureVideo(avcC: Buffer): void {
    if (video?.avcC.equals(avcC)) return
    const config = videoConfig(Buffer.from(avcC))
    video = config
    events.onVideoConfig(config)
  }

  function configureAudio(asc: Buffer): void {
    if (audio?.asc.equals(asc)) return
    audio = audioConfig(Buffer.from(asc))
    nextAudio = 0
    events.onAudioConfig(audio)
  }

  function audioFrame(at: number, data: Buffer): Frame | null {
    if (!audio) return null
    const stamped = Math.round((at / 1000 + OFFSET_SECONDS) * audio.timescale)
    const isSteady = Math.abs(stamped - nextAudio) <= AUDIO_SLACK * audio.timescale
    const dts = isSteady ? nextAudio : Math.max(stamped, nextAudio - AAC_FRAME + 1)
    nextAudio = dts + AAC_FRAME
    return { dts, composition: 0, isKey: true, data }
  }

  return (tag) => {
    try {
      if (tag.type === 'video-config') configureVideo(tag.avcC)
      else if (tag.type === 'audio-config') configureAudio(tag.asc)
      else if (tag.type === 'other' && !others.has(tag.track)) {
        others.add(tag.track)
        events.onOther(tag.track, tag.codec)
      } else if (tag.type === 'video' && video) {
        const dts = (tag.at + OFFSET_SECONDS * 1000) * (VIDEO_TIMESCALE / 1000)
        events.onVideo({
          dts,
          composition: tag.composition * (VIDEO_TIMESCALE / 1000),
          isKey: tag.isKey,
          data: tag.data,
        })
      } else if (tag.type === 'audio') {
        const frame = audioFrame(tag.at, tag.data)
        if (frame) events.onAudio(frame)
      }
    } catch (error) {
      // A configuration that cannot be read: the frames that follow are not shown until one comes that can.
      logger.warn({ err: error }, 'the source sent a codec configuration that cannot be read')
      if (tag.type === 'video-config') video = null
      if (tag.type === 'audio-config') audio = null
    }
  }
}
