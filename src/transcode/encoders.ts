/** How each video encoder is told what to make: data, one entry per encoder. Options after the ones of its output. */
import type { VideoRendition } from './ladder.ts'

export const ENCODERS = ['software', 'nvenc', 'qsv', 'vaapi', 'videotoolbox'] as const
export type EncoderName = (typeof ENCODERS)[number]
/** What the operator asks for; `auto` takes the first hardware that works, or software. */
export type EncoderChoice = EncoderName | 'auto'

interface VideoEncoder {
  /** before the input */
  device: string[]
  /** what a picture goes through on its way to the encoder, after scaling; empty where memory is memory */
  upload: string
  options(rendition: VideoRendition, preset: string): string[]
}

// Nothing that looks ahead: a frame leaves when the next has come.
const PROMPT = ['-rc-lookahead', '0', '-mbtree', '0', '-bf', '0', '-sc_threshold', '0', '-g', '900', '-forced-idr', '1']

function rate({ videoBitrate }: VideoRendition): string[] {
  const bits = String(videoBitrate)
  return ['-b:v', bits, '-maxrate', bits, '-bufsize', bits]
}

/** A forced keyframe must be an IDR frame: an encoder that would make it a plain I frame has a word of its own for that. */
export const encoders: Record<EncoderName, VideoEncoder> = {
  software: {
    device: [],
    upload: '',
    options(rendition, preset) {
      // A thread more delays by a frame; a small picture needs none, and a large one would not be made in time without.
      const megapixels = (rendition.width * rendition.height * rendition.frameRate) / 1e6
      const threads = megapixels <= 15 ? 1 : megapixels <= 63 ? 2 : 3
      return ['-c:v', 'libx264', '-preset', preset, ...PROMPT, '-threads', String(threads), ...rate(rendition)]
    },
  },
  nvenc: {
    device: [],
    upload: '',
    options: (rendition) => [
      ...['-c:v', 'h264_nvenc', '-preset', 'p4', '-tune', 'll', '-rc', 'cbr', '-bf', '0', '-g', '900'],
      ...['-forced-idr', '1', '-no-scenecut', '1', '-delay', '0', '-zerolatency', '1', ...rate(rendition)],
    ],
  },
  qsv: {
    device: ['-init_hw_device', 'qsv=hw'],
    upload: 'format=nv12',
    options: (rendition) => [
      ...['-c:v', 'h264_qsv', '-preset', 'veryfast', '-async_depth', '1', '-look_ahead', '0', '-bf', '0', '-g', '900'],
      ...['-forced_idr', '1', ...rate(rendition)],
    ],
  },
  // Its forced keyframes are IDR frames without being told.
  vaapi: {
    device: ['-vaapi_device', '/dev/dri/renderD128'],
    upload: 'format=nv12,hwupload',
    options: (rendition) => ['-c:v', 'h264_vaapi', '-rc_mode', 'CBR', '-bf', '0', '-g', '900', ...rate(rendition)],
  },
  // So are these.
  videotoolbox: {
    device: [],
    upload: 'format=nv12',
    options: (rendition) => [
      ...['-c:v', 'h264_videotoolbox', '-realtime', '1', '-allow_sw', '0', '-bf', '0', '-g', '900', ...rate(rendition)],
    ],
  },
}

/** Which encoders are tried at start, in this order. */
export function candidates(choice: EncoderChoice): Exclude<EncoderName, 'software'>[] {
  if (choice === 'software') return []
  return choice === 'auto' ? ['videotoolbox', 'nvenc', 'qsv', 'vaapi'] : [choice]
}
