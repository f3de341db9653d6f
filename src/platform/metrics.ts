/**
 * What /metrics shows (Prometheus text). Rooms receive plain functions and know nothing of the library: counting is an
 * addition to a number, and the numbers are handed over when somebody reads them.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'

export type Metrics = ReturnType<typeof createMetrics>

/** Adds to a count; one without a label counts 1 when called bare. */
export type Count = (by?: number) => void
export type CountBy = (label: string, by?: number) => void

const PREFIX = 'footlight_'

export function createMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 10 })
  const own = { registers: [registry] }

  /** A sum that only grows, e.g. `parts_total`. */
  function counter(name: string, help: string): Count {
    let sum = 0
    new Counter({
      ...own,
      name: PREFIX + name,
      help,
      collect() {
        this.reset()
        this.inc(sum)
      },
    })
    return (by = 1) => {
      sum += by
    }
  }

  /** Sums told apart by one label, e.g. `delivery_requests_total{kind="part"}`. Its values must be few and ours. */
  function counterBy(name: string, help: string, label: string): CountBy {
    const sums = new Map<string, number>()
    new Counter({
      ...own,
      name: PREFIX + name,
      help,
      labelNames: [label],
      collect() {
        this.reset()
        for (const [value, sum] of sums) this.inc({ [label]: value }, sum)
      },
    })
    return (value, by = 1) => {
      sums.set(value, (sums.get(value) ?? 0) + by)
    }
  }

  /** A value read when somebody looks, e.g. `viewers`. */
  function gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      ...own,
      name: PREFIX + name,
      help,
      collect() {
        this.set(read())
      },
    })
  }

  /** Values told apart by labels, read when somebody looks, e.g. `sessions{state="live"}`. */
  function gaugeBy<Label extends string>(
    name: string,
    help: string,
    labelNames: Label[],
    read: () => Iterable<{ labels: Record<Label, string>; value: number }>,
  ): void {
    new Gauge({
      ...own,
      name: PREFIX + name,
      help,
      labelNames,
      collect() {
        this.reset()
        for (const { labels, value } of read()) this.set(labels, value)
      },
    })
  }

  /**
   * How long something took, in seconds, sorted into buckets: the series of a Prometheus histogram. The library's own costs
   * a twentieth of what delivering a playlist does; here an observation is two additions.
   */
  function seconds(name: string, help: string, buckets: number[]): (took: number) => void {
    const counts = new Float64Array(buckets.length + 1)
    new Counter({
      ...own,
      name: `${PREFIX}${name}_bucket`,
      help,
      labelNames: ['le'],
      collect() {
        this.reset()
        let upTo = 0
        for (const [i, le] of [...buckets, '+Inf'].entries()) {
          upTo += counts[i]!
          this.inc({ le }, upTo)
        }
      },
    })
    const sum = counter(`${name}_sum`, `${help} Sum of seconds.`)
    const count = counter(`${name}_count`, `${help} How many.`)
    return (took) => {
      let bucket = 0
      while (bucket < buckets.length && took > buckets[bucket]!) bucket++
      counts[bucket]!++
      sum(took)
      count()
    }
  }

  return {
    counter,
    counterBy,
    gauge,
    gaugeBy,
    seconds,
    contentType: registry.contentType,
    text: () => registry.metrics(),
  }
}

/**
 * How late the event loop runs, milliseconds: what a playlist waits behind other work. Read it to start the next
 * interval; the first one begins here.
 */
export function watchEventLoop(resolutionMs = 10) {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  return {
    read() {
      const toMs = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolutionMs)
      const measured = { p50: toMs(delay.percentile(50)), p99: toMs(delay.percentile(99)), max: toMs(delay.max) }
      delay.reset()
      return measured
    },
    stop: () => delay.disable(),
  }
}
