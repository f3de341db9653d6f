import { expect, test } from 'vitest'
import { type EncodePlan, encodeOptions } from '../../src/transcode/encode-options.ts'
import { composeArguments } from '../../src/transcode/ffmpeg.ts'

const plan: EncodePlan = {
  input: '/run/footlight/p1.sock',
  video: [
    { id: '720p60', width: 1280, height: 720, frameRate: 60, videoBitrate: 4_000_000 },
    { id: '480p', width: 854, height: 480, frameRate: 30, videoBitrate: 1_400_000 },
    { id: '240p', width: 426, height: 240, frameRate: 30, videoBitrate: 400_000 },
  ],
  audio: { bitrate: 128_000, sampleRate: 48_000 },
  keyframes: { at: 'source' },
  preset: 'veryfast',
  sourceFrameRate: 60,
}

const encoding = (preset: string, threads: number, bits: number) =>
  `-c:v libx264 -preset ${preset} -rc-lookahead 0 -mbtree 0 -bf 0 -sc_threshold 0 -g 900 -forced-idr 1 \
-threads ${threads} -b:v ${bits} -maxrate ${bits} -bufsize ${bits}`
const timing = '-fps_mode passthrough -enc_time_base 1:90000 -video_track_timescale 90000'
const output = '-movflags +cmaf+frag_discont+frag_every_frame -use_editlist 0 -output_ts_offset 10 -f mp4'
const fittedInto = (w: number, h: number) =>
  `scale='if(lt(abs(dar*${h}/${w}-1),0.02),${w},max(2,2*trunc(min(${w},${h}*dar)/2)))':\
'if(lt(abs(dar*${h}/${w}-1),0.02),${h},max(2,2*trunc(min(${h},${w}/dar)/2)))':flags=bicubic:eval=frame,\
pad=${w}:${h}:-1:-1:eval=frame,setsar=1,format=yuv420p`

test('one command makes the whole ladder, in cascade, with keyframes where the source has them', () => {
  expect(composeArguments(encodeOptions(plan)).join(' ')).toBe(
    [
      '-hide_banner -nostdin -nostats -loglevel error -copyts -reinit_filter:v 0 -threads 1',
      '-fpsprobesize 0 -analyzeduration 1000000 -probesize 500000 -f flv -i unix:/run/footlight/p1.sock',
      `-filter_complex [0:v:0]${fittedInto(1280, 720)},split[v0][s1];`,
    ].join(' ') +
      [
        "[s1]select='key+isnan(prev_selected_t)+gte(t-prev_selected_t,0.0250)',scale=854:480:flags=bicubic,setsar=1,split[v1][s2];",
        '[s2]scale=426:240:flags=bicubic,setsar=1[v2] ',
      ].join('') +
      [
        `-map [v0] ${encoding('veryfast', 2, 4_000_000)} -force_key_frames source ${timing} ${output} pipe:3`,
        `-map [v1] ${encoding('veryfast', 1, 1_400_000)} -force_key_frames source ${timing} ${output} pipe:4`,
        `-map [v2] ${encoding('veryfast', 1, 400_000)} -force_key_frames source ${timing} ${output} pipe:5`,
        `-map 0:a:0 -c:a aac -b:a 128000 -ar 48000 -ac 2 -af aresample=async=1 ${output} pipe:6`,
      ].join(' '),
  )
})

test('keyframes at an interval are the same frames in every rendition', () => {
  const { filters, outputs } = encodeOptions({ ...plan, keyframes: { at: 'interval', seconds: 2, from: 61.5 } })
  expect(filters[0]).toBe(`[0:v:0]select='gte(t,61.5)',${fittedInto(1280, 720)},split[v0][s1]`)
  expect(filters[1]).toContain(
    "select='gt(floor((t-start_t)/2+0.0001),floor((prev_selected_t-start_t)/2+0.0001))+isnan(prev_selected_t)",
  )
  for (const { options } of outputs.slice(0, 3)) {
    expect(options[options.indexOf('-force_key_frames') + 1]).toBe(
      'expr:if(isnan(prev_forced_t),1,gt(floor((t)/2+0.0001),floor((prev_forced_t)/2+0.0001)))',
    )
  }
})

test('only sound: no filter at all', () => {
  const { filters, outputs } = encodeOptions({ ...plan, video: [] })
  expect(filters).toEqual([])
  expect(outputs.map(({ id }) => id)).toEqual(['audio'])
  expect(composeArguments(encodeOptions({ ...plan, video: [] }))).not.toContain('-filter_complex')
})

test('one rendition of a source at its own rate: nothing to split, nothing to thin', () => {
  const { filters } = encodeOptions({ ...plan, video: plan.video.slice(1, 2), audio: null, sourceFrameRate: 30.3 })
  expect(filters).toEqual([`[0:v:0]${fittedInto(854, 480)}[v0]`])
})
