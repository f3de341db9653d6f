import { expect, test } from 'vitest'
import { mayPassAudio, mayPassVideo } from '../../src/transcode/pass-through.ts'

const fromObs = { codec: 'h264', profile: 100, frameRate: 30, keyframeIntervalMs: 2_000, bitrate: 6_000_000 }
const sound = { codec: 'aac', objectType: 2, sampleRate: 48_000, channels: 2 }
const PART_MS = 333

test('what OBS sends as a rule is shown as it comes', () => {
  expect(mayPassVideo(fromObs, PART_MS)).toEqual({ ok: true })
  expect(mayPassVideo({ ...fromObs, profile: 66, keyframeIntervalMs: 4_000, frameRate: 3.01 }, PART_MS)).toEqual({
    ok: true,
  })
  expect(mayPassAudio(sound)).toEqual({ ok: true })
  expect(mayPassAudio({ ...sound, sampleRate: 44_100, channels: 1 })).toEqual({ ok: true })
})

test('what is not known yet is no reason to refuse', () => {
  expect(mayPassVideo({ ...fromObs, profile: null, keyframeIntervalMs: null, bitrate: null }, PART_MS)).toEqual({
    ok: true,
  })
  expect(mayPassAudio({ ...sound, objectType: null })).toEqual({ ok: true })
})

test.each([
  [
    { codec: 'hevc' },
    'Choose an H.264 video encoder in OBS (Settings, Output): this video is HEVC, which not every viewer can play.',
  ],
  [
    { profile: 110 },
    'Choose the colour format NV12 and the profile "high" in OBS (Settings, Advanced and Output): browsers cannot play this kind of H.264.',
  ],
  [
    { keyframeIntervalMs: 8_333 },
    'Set the keyframe interval to 2 s in OBS (Settings, Output, Output Mode Advanced): it is 8.3 s and may be 4 s at most.',
  ],
  [
    { bitrate: 20_000_000 },
    'Lower the video bitrate in OBS (Settings, Output, Streaming): it is 20000 kbit/s and may be 12000 kbit/s at most.',
  ],
  [
    { frameRate: 2 },
    'Set the frame rate to 24 or more in OBS (Settings, Video): it is 2.0 frames a second, too few for low delay.',
  ],
])('video %o is encoded again, and the broadcaster is told what to change', (change, reason) => {
  expect(mayPassVideo({ ...fromObs, ...change }, PART_MS)).toEqual({ ok: false, reason })
})

test.each([
  [{ codec: 'mp3' }, 'Choose AAC as the audio encoder in OBS (Settings, Output): this audio is MP3.'],
  [
    { objectType: 5 },
    'Choose plain AAC (AAC-LC) as the audio encoder in OBS (Settings, Output): this audio is HE-AAC.',
  ],
  [{ channels: 6 }, 'Set the channels to stereo in OBS (Settings, Audio): this audio has 6 channels.'],
  [{ sampleRate: 32_000 }, 'Set the sample rate to 48 kHz in OBS (Settings, Audio): it is 32 kHz.'],
])('audio %o is encoded again, and the broadcaster is told what to change', (change, reason) => {
  expect(mayPassAudio({ ...sound, ...change })).toEqual({ ok: false, reason })
})
