/** What `/metrics` tells of the rooms: read from them when somebody looks. */
import type { NodeFigures } from './analytics/analytics.ts'
import type { Ingest } from './ingest/ingest.ts'
import type { Live } from './live/live.ts'
import { type Metrics, watchEventLoop } from './platform/metrics.ts'
import type { Transcode } from './transcode/transcode.ts'

interface Measured {
  metrics: Metrics
  live: Live
  ingest: Ingest
  viewers(): number
}

const BUCKETS = [0.0001, 0.0005, 0.001, 0.005, 0.02, 0.1, 0.5]

/** Returns how to stop measuring. */
export function measure({ metrics, live, ingest, viewers }: Measured): () => void {
  metrics.gauge('viewers', 'Viewings that fetched media within the last moments.', viewers)
  metrics.gaugeBy('sessions', 'Sessions by state.', ['state'], () =>
    countBy(live.figures(), ({ state }) => state, 'state'),
  )
  metrics.gaugeBy('encoders', 'Encoders by state.', ['state'], () =>
    countBy(live.figures(), ({ encoder }) => encoder, 'state'),
  )
  const ofRenditions = (read: (rendition: { parts: number; ageSeconds: number }) => number) =>
    live
      .figures()
      .flatMap(({ sessionId, renditions }) =>
        renditions.map((seen) => ({ labels: { session: sessionId, rendition: seen.rendition }, value: read(seen) })),
      )
  const labels: ('session' | 'rendition')[] = ['session', 'rendition']
  metrics.gaugeBy('rendition_age_seconds', 'Age of the newest part: grows when an encoder falls behind.', labels, () =>
    ofRenditions(({ ageSeconds }) => ageSeconds),
  )
  metrics.gaugeBy('rendition_parts', 'Parts made so far.', labels, () => ofRenditions(({ parts }) => parts))
  metrics.gauge('ingest_connections', 'Open RTMP connections.', () => ingest.figures().connections)
  metrics.gauge('ingest_publishers', 'Admitted publishers.', () => ingest.figures().publishers)
  metrics.gauge(
    'ingest_restarts',
    'How often the ingest process was started again.',
    () => ingest.figures().childRestarts,
  )
  metrics.gauge('ingest_memory_bytes', 'Resident memory of the ingest process.', () => ingest.figures().childRssBytes)
  metrics.gaugeBy('ingest_drops', 'Connections ended for a fault of the peer, by reason.', ['reason'], () =>
    Object.entries(ingest.figures().drops).map(([reason, value]) => ({ labels: { reason }, value })),
  )
  const loop = watchEventLoop()
  metrics.gaugeBy('event_loop_delay_ms', 'How late the event loop ran since the last look.', ['quantile'], () =>
    Object.entries(loop.read()).map(([quantile, value]) => ({ labels: { quantile }, value })),
  )
  return () => loop.stop()
}

/** What is kept of each minute for the operator's pages. */
export function watchLoad({ live, transcode, viewers }: Pick<Measured, 'live' | 'viewers'> & { transcode: Transcode }) {
  const loop = watchEventLoop()
  return {
    read(): NodeFigures {
      const { sessions: encoders, used, speed } = transcode.capacity()
      const loopDelayMs = loop.read().p99
      return { sessions: live.figures().length, viewers: viewers(), encoders, encoderLoad: used / speed, loopDelayMs }
    },
    stop(): void {
      loop.stop()
    },
  }
}

/** Counts what delivery hands out, and how long it took to answer what could be answered. */
export function measureDelivery(metrics: Metrics) {
  const requests = metrics.counterBy('delivery_requests_total', 'Media requests answered.', 'kind')
  const bytes = metrics.counterBy('delivery_bytes_total', 'Bytes of media and playlists handed out.', 'kind')
  const took = metrics.seconds(
    'delivery_seconds',
    'Until an answer was on its way, waiting for a part not counted.',
    BUCKETS,
  )
  return (kind: 'playlist' | 'media', size: number, seconds: number): void => {
    requests(kind)
    bytes(kind, size)
    took(seconds)
  }
}

function countBy<Item, Label extends string>(items: Item[], keyOf: (item: Item) => string, label: Label) {
  const counts = Map.groupBy(items, keyOf)
  return [...counts].map(([key, { length }]) => ({ labels: { [label]: key } as Record<Label, string>, value: length }))
}
