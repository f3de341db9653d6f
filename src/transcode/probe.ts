import { z } from 'zod'
import { run } from './ffmpeg.ts'
import type { Source } from './ladder.ts'

const Probed = z.object({
  streams: z.array(
    z.object({
      codec_type: z.string().optional(),
      codec_name: z.string().default('unknown'),
      width: z.number().default(0),
      height: z.number().default(0),
      sample_aspect_ratio: z.string().default('1:1'),
      avg_frame_rate: z.string().default('0/0'),
      r_frame_rate: z.string().default('0/0'),
      bit_rate: z.coerce.number().optional(),
      sample_rate: z.coerce.number().default(0),
      channels: z.number().default(0),
    }),
  ),
})

const TIMEOUT_MS = 6_000
const USUAL_FRAME_RATE = 30

/** Reads what a source is from its FLV, where the FLV's own headers do not tell. */
export async function probe(ffprobePath: string, socketPath: string): Promise<Source> {
  const limits = ['-analyzeduration', '1000000', '-probesize', '1000000']
  const args = ['-v', 'error', ...limits, '-f', 'flv', '-show_streams', '-of', 'json', `unix:${socketPath}`]
  return readProbe(await run(ffprobePath, args, TIMEOUT_MS))
}

/** ffprobe's JSON as a source. */
export function readProbe(json: string): Source {
  const { streams } = Probed.parse(JSON.parse(json))
  const video = streams.find((stream) => stream.codec_type === 'video' && stream.width > 0)
  const audio = streams.find((stream) => stream.codec_type === 'audio' && stream.sample_rate > 0)
  return {
    video: video
      ? {
          codec: video.codec_name,
          width: Math.round(video.width * (ratio(video.sample_aspect_ratio) ?? 1)),
          height: video.height,
          frameRate: plausibleRate(video.avg_frame_rate) ?? plausibleRate(video.r_frame_rate) ?? USUAL_FRAME_RATE,
          bitrate: video.bit_rate ?? null,
        }
      : null,
    audio: audio ? { codec: audio.codec_name, sampleRate: audio.sample_rate, channels: audio.channels } : null,
  }
}

// FLV counts in milliseconds, and a guess from two odd stamps may be a thousand frames a second.
function plausibleRate(text: string): number | null {
  const rate = ratio(text)
  return rate !== null && rate <= 240 ? rate : null
}

// '16:15' or '30000/1001'; ffprobe writes 0:1 or 0/0 where it does not know.
function ratio(text: string): number | null {
  const [over, under] = text.split(/[:/]/).map(Number)
  return over && under ? over / under : null
}
