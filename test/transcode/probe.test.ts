import { expect, test } from 'vitest'
import { readProbe } from '../../src/transcode/probe.ts'

const video = { codec_type: 'video', codec_name: 'hevc', width: 1920, height: 1080, avg_frame_rate: '30000/1001' }
const audio = { codec_type: 'audio', codec_name: 'aac', sample_rate: '44100', channels: 1 }

function probed(...streams: object[]) {
  return readProbe(JSON.stringify({ streams }))
}

test('a source is read with its size, rate and sound', () => {
  expect(probed({ ...video, bit_rate: '6000000' }, audio)).toEqual({
    video: { codec: 'hevc', width: 1920, height: 1080, frameRate: 30_000 / 1001, bitrate: 6_000_000 },
    audio: { codec: 'aac', sampleRate: 44_100, channels: 1 },
  })
})

test('a picture of oblong pixels counts with the width at which it is shown', () => {
  expect(probed({ ...video, width: 720, height: 576, sample_aspect_ratio: '64:45' }).video).toMatchObject({
    width: 1024,
    height: 576,
  })
})

test('a rate that cannot be, or is not told, is not believed', () => {
  expect(probed({ ...video, avg_frame_rate: '1000/1', r_frame_rate: '25/1' }).video?.frameRate).toBe(25)
  expect(probed({ ...video, avg_frame_rate: '0/0', r_frame_rate: '90000/1' }).video?.frameRate).toBe(30)
})

test('tracks that are announced but empty do not count', () => {
  const nothing = { codec_type: 'video', codec_name: 'h264', width: 0, height: 0 }
  expect(
    probed(nothing, { codec_type: 'audio', codec_name: 'aac', sample_rate: '0', channels: 0 }, { codec_type: 'data' }),
  ).toEqual({
    video: null,
    audio: null,
  })
})

test('what is no answer at all is refused', () => {
  expect(() => readProbe('{}')).toThrow()
})
