import { expect, test } from 'vitest'
import { createMetrics, watchEventLoop } from '../../src/platform/metrics.ts'

async function lines(metrics: ReturnType<typeof createMetrics>, name: string) {
  const text = await metrics.text()
  return text.split('\n').filter((line) => line.startsWith(`footlight_${name}`))
}

test('what rooms count is shown as it is at the moment of reading', async () => {
  const metrics = createMetrics()
  const parts = metrics.counter('parts_total', 'Parts made')
  const requests = metrics.counterBy('requests_total', 'Requests', 'kind')
  let watching = 3
  metrics.gauge('viewers', 'Watching now', () => watching)
  metrics.gaugeBy('sessions', 'Sessions by state', ['state'], () => [
    { labels: { state: 'live' }, value: watching },
    { labels: { state: 'paused' }, value: 1 },
  ])

  parts()
  parts(4)
  requests('part')
  requests('part')
  requests('playlist', 10)
  expect(await lines(metrics, 'parts_total')).toEqual(['footlight_parts_total 5'])
  expect(await lines(metrics, 'requests_total')).toEqual([
    'footlight_requests_total{kind="part"} 2',
    'footlight_requests_total{kind="playlist"} 10',
  ])
  watching = 4
  parts()
  expect(await lines(metrics, 'parts_total')).toEqual(['footlight_parts_total 6'])
  expect(await lines(metrics, 'viewers')).toEqual(['footlight_viewers 4'])
  expect(await lines(metrics, 'sessions')).toEqual([
    'footlight_sessions{state="live"} 4',
    'footlight_sessions{state="paused"} 1',
  ])
})

test('a count nobody raised is shown as nought', async () => {
  const metrics = createMetrics()
  metrics.counter('drops_total', 'Drops')
  expect(await lines(metrics, 'drops_total')).toEqual(['footlight_drops_total 0'])
})

test('times fall into their buckets', async () => {
  const metrics = createMetrics()
  const took = metrics.seconds('answer_seconds', 'How long', [0.1, 1])
  for (const time of [0.05, 0.5, 5]) took(time)
  expect(await lines(metrics, 'answer_seconds')).toEqual([
    'footlight_answer_seconds_bucket{le="0.1"} 1',
    'footlight_answer_seconds_bucket{le="1"} 2',
    'footlight_answer_seconds_bucket{le="+Inf"} 3',
    'footlight_answer_seconds_sum 5.55',
    'footlight_answer_seconds_count 3',
  ])
})

test('two nodes in one process do not share their numbers, and the process itself is shown', async () => {
  const one = createMetrics()
  const two = createMetrics()
  const count = one.counter('parts_total', 'Parts made')
  two.counter('parts_total', 'Parts made')
  count(7)
  expect(await lines(two, 'parts_total')).toEqual(['footlight_parts_total 0'])
  expect(await one.text()).toContain('nodejs_eventloop_lag_seconds')
  expect(one.contentType).toContain('text/plain')
})

test('a blocked event loop is noticed', async () => {
  const watch = watchEventLoop()
  await new Promise((resolve) => setTimeout(resolve, 50))
  const until = performance.now() + 80
  while (performance.now() < until);
  await new Promise((resolve) => setTimeout(resolve, 50))
  const { max, p99 } = watch.read()
  watch.stop()
  expect(max).toBeGreaterThan(50)
  expect(p99).toBeGreaterThan(50)
})
