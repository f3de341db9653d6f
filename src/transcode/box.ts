/**
 * What this box can encode and what it is encoding. Which encoder works is tried at each start, how fast it is once for each
 * FFmpeg and processor; both in the background, and the measuring only while nothing is on air.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { capacity, encoderPreset } from '../../config/ladders.ts'
import type { Logger } from '../platform/logger.ts'
import { measureSpeed, tryEncoder } from './benchmark.ts'
import type { Load } from './capacity.ts'
import { candidates, type EncoderChoice, type EncoderName } from './encoders.ts'

interface BoxOptions {
  ffmpegPath: string
  encoder: EncoderChoice
  /** Where the measurement is kept; null keeps it in memory. */
  dataDir: string | null
  logger: Logger
  version(): Promise<{ text: string }>
}

const Kept = z.record(z.string(), z.number().positive())
/** How long hardware that failed is left alone. */
const ASIDE_MS = 300_000

export type Box = ReturnType<typeof createBox>

export function createBox({ ffmpegPath, encoder: choice, dataDir, logger, version }: BoxOptions) {
  const cores = availableParallelism()
  const claims = new Map<symbol, number>()
  const speeds = new Map<EncoderName, number>()
  const tried: { encoder: EncoderName; works: boolean; said: string | null }[] = []
  const stopping = new AbortController()
  let chosen: EncoderName = 'software'
  let aside: { until: number; reason: string } | null = null
  let measuring: AbortController | null = null
  let keyOf: ((encoder: EncoderName) => string) | null = null

  const encoder = (): EncoderName => (aside && performance.now() < aside.until ? 'software' : chosen)

  function load(): Load {
    const name = encoder()
    const measured = speeds.get(name)
    const used = [...claims.values()].reduce((sum, cost) => sum + cost, 0)
    const speed = measured ?? cores * capacity.cautiousPerCore
    return { encoder: name, speed, isMeasured: measured !== undefined, used, sessions: claims.size }
  }

  /** Takes a share until it is given back; measuring waits meanwhile. */
  function claim(cost: number): () => void {
    const mine = Symbol('claim')
    claims.set(mine, cost)
    measuring?.abort()
    return () => {
      if (claims.delete(mine)) void measure()
    }
  }

  /** The hardware failed in a show: the next shows do without it for a while. */
  function putAside(failed: EncoderName, cause: Error): void {
    if (failed === 'software' || failed !== chosen) return
    aside = { until: performance.now() + ASIDE_MS, reason: cause.message }
    logger.warn({ err: cause, encoder: failed }, 'the hardware encoder failed; software takes over')
  }

  async function start(): Promise<void> {
    const { text } = await version()
    const processor = cpus()[0]?.model ?? 'unknown'
    keyOf = (name) => [text, processor, cores, name, encoderPreset].join(' | ')
    for (const name of candidates(choice)) {
      const said = await tryEncoder(ffmpegPath, name, AbortSignal.any([stopping.signal, AbortSignal.timeout(10_000)]))
        .then(() => null)
        .catch((error: Error) => error.message)
      tried.push({ encoder: name, works: said === null, said })
      if (said === null) {
        chosen = name
        break
      }
    }
    const isAsked = choice !== 'auto' && choice !== 'software'
    if (isAsked && chosen === 'software')
      logger.warn({ tried }, 'the encoder asked for does not work; software is used')
    else logger.info({ encoder: chosen }, 'encoder chosen')
    const kept = await readKept()
    for (const name of new Set<EncoderName>(['software', chosen])) {
      const speed = kept[keyOf(name)]
      if (speed !== undefined) speeds.set(name, speed)
    }
    await measure()
  }

  async function measure(): Promise<void> {
    if (!keyOf || measuring || stopping.signal.aborted || claims.size > 0 || speeds.has(chosen)) return
    const run = new AbortController()
    measuring = run
    try {
      const signal = AbortSignal.any([run.signal, stopping.signal])
      const speed = await measureSpeed({ ffmpegPath, encoder: chosen, preset: encoderPreset, cores, signal })
      speeds.set(chosen, speed)
      logger.info({ encoder: chosen, speed: Number(speed.toFixed(2)), cores }, 'this box was measured')
      await keep(keyOf(chosen), speed)
    } catch (error) {
      if (!run.signal.aborted && !stopping.signal.aborted) logger.warn({ err: error }, 'this box could not be measured')
    } finally {
      measuring = null
    }
  }

  async function readKept(): Promise<Record<string, number>> {
    if (!dataDir) return {}
    // A file that is missing or spoilt is only measured anew.
    return readFile(join(dataDir, 'capacity.json'), 'utf8')
      .then((text) => Kept.parse(JSON.parse(text)))
      .catch(() => ({}))
  }

  async function keep(key: string, speed: number): Promise<void> {
    if (!dataDir) return
    await mkdir(dataDir, { recursive: true })
    await writeFile(
      join(dataDir, 'capacity.json'),
      `${JSON.stringify({ ...(await readKept()), [key]: speed }, null, 2)}\n`,
    )
  }

  return {
    encoder,
    load,
    claim,
    putAside,
    start: () => start().catch((error: unknown) => logger.warn({ err: error }, 'the encoders here could not be tried')),
    stop: () => stopping.abort(),
    /** For the operator. */
    report: () => ({
      ...load(),
      cores,
      asked: choice,
      tried: [...tried],
      aside: aside && performance.now() < aside.until ? aside.reason : null,
    }),
  }
}
