/**
 * Is the estimate true? Measures the box as the node does at first start, then encodes more and more 720p30 film at once,
 * each fed at the pace of real time, and tells how many this box truly carries.
 *
 *   node scripts/bench/capacity.ts [--seconds 12] [--clip path]
 */
import { spawn } from 'node:child_process'
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { encoderPreset } from '../../config/ladders.ts'
import { measureSpeed } from '../../src/transcode/benchmark.ts'
import { encoders } from '../../src/transcode/encoders.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '12' },
    clip: { type: 'string', default: '../shared/clips/tears-of-steel-battle-720p-50s.mp4' },
  },
})
const seconds = Number(values.seconds)
const cores = availableParallelism()
const rendition = { id: '720p', width: 1280, height: 720, frameRate: 30, videoBitrate: 2_800_000 }

/** Encodes film at 30 frames a second, as fast as it may; gives the seconds it took. */
async function encodeFilm(paced: boolean): Promise<number> {
  const began = performance.now()
  // Film has 24 frames a second: played a quarter faster it has 30.
  const pace = paced ? ['-readrate', String(30 / 24)] : []
  const args = [
    '-v',
    'error',
    '-nostdin',
    ...pace,
    '-threads',
    '1',
    '-t',
    String((seconds * 30) / 24),
    '-i',
    values.clip,
  ]
  const filter = 'setpts=PTS*24/30,scale=1280:720:flags=bicubic,format=yuv420p'
  const to = [...encoders.software.options(rendition, encoderPreset), '-f', 'null', '-']
  const child = spawn('ffmpeg', [...args, '-an', '-vf', filter, ...to], { stdio: 'ignore' })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  child.on('error', reject)
  child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`FFmpeg ended with code ${code}`))))
  await promise
  return (performance.now() - began) / 1000
}

const atOnce = (count: number, paced: boolean) =>
  Promise.all(Array.from({ length: count }, () => encodeFilm(paced))).then((took) => Math.max(...took))

console.log(`${cores} × ${cpus()[0]?.model}, Node ${process.version}, preset ${encoderPreset}`)
console.log(`node ${process.argv.slice(1).join(' ')}\n`)
const { signal } = new AbortController()
const estimate = await measureSpeed({ ffmpegPath: 'ffmpeg', encoder: 'software', preset: encoderPreset, cores, signal })
const together = Math.max(2, cores)
const throughput = (together * seconds) / (await atOnce(together, false))
console.log('| | times real time, 720p30 |\n| --- | --- |')
console.log(`| estimate at first start | ${estimate.toFixed(2)} |`)
console.log(`| film, ${together} at once, unpaced | ${throughput.toFixed(2)} |`)
console.log(`| estimate against it | ${(((estimate - throughput) / throughput) * 100).toFixed(0)} % |`)
for (let count = Math.max(1, Math.floor(throughput) - 1); count <= Math.ceil(throughput) + 1; count++) {
  const took = await atOnce(count, true)
  console.log(`| ${count} paced at once took, of ${seconds} s | ${took.toFixed(1)} s |`)
  if (took > seconds * 1.08) break
}
