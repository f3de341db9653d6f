/** What breaks in the middle of a show, and what viewers of it see: nothing, or a gap, or a moment's wait; never an end. */
import { execFileSync } from 'node:child_process'
import { afterEach, expect, test } from 'vitest'
import { clipPath } from '../helpers/clips.ts'
import { encoderOf } from '../helpers/encoder-process.ts'
import { eventually } from '../helpers/eventually.ts'
import { openStudio } from '../helpers/studio.ts'

let studio: Awaited<ReturnType<typeof openStudio>>
afterEach(() => studio?.close())

const newest = (segments: { msn: number }[]) => segments.at(-1)?.msn ?? -1

async function untilMsn(folder: string, rendition: string, msn: number) {
  return eventually(async () => {
    const list = await studio.listed(folder, rendition)
    return newest(list.segments) >= msn ? list : null
  })
}

test('an encoder that freezes or is killed costs the viewers of the source nothing, and the others come back', async () => {
  studio = await openStudio()
  studio.pushClip(clipPath('film'))
  await studio.untilSession(({ state }) => state === 'live')
  const folder = await studio.watch()
  await untilMsn(folder, 'source', 2)
  const encoder = await eventually(() => encoderOf(studio.node.home))

  process.kill(encoder, 'SIGSTOP')
  // Not for as long as its supervisor would bear it.
  await untilMsn(folder, 'source', 3)
  process.kill(encoder, 'SIGCONT')
  const thawed = await untilMsn(folder, 'source', 9)
  expect(thawed.segments.some(({ isGap }) => isGap)).toBe(false)

  process.kill(await eventually(() => encoderOf(studio.node.home)), 'SIGKILL')
  const after = await untilMsn(folder, 'source', 14)
  expect(after.segments.some(({ isGap, startsDiscontinuity }) => isGap || startsDiscontinuity)).toBe(false)
  const lower = await untilMsn(folder, '480p', 14)
  expect(lower.segments.some(({ startsDiscontinuity }) => startsDiscontinuity)).toBe(false)
  await eventually(async () => (await studio.listed(folder, '480p')).segments.at(-1)?.isGap === false)
})

test('the node is killed and started again: the session is paused, and goes on under the same address', async () => {
  studio = await openStudio()
  const first = studio.pushClip(clipPath('film'))
  const { id } = await studio.untilSession(({ state }) => state === 'live')
  const folder = await studio.watch()
  const before = await untilMsn(folder, 'source', 3)

  await studio.node.kill()
  await first.stop()
  await studio.node.startAgain()
  expect(await studio.session()).toMatchObject({ id, state: 'paused' })
  const paused = await studio.listed(folder, 'source')
  expect(paused.isEnded).toBe(false)
  expect(paused.segments.slice(0, 3).map(({ uri }) => uri)).toEqual(before.segments.slice(0, 3).map(({ uri }) => uri))

  studio.pushClip(clipPath('film'))
  await studio.untilSession(({ state }) => state === 'live')
  const after = await untilMsn(folder, 'source', newest(paused.segments) + 2)
  expect((await studio.session())?.id).toBe(id)
  expect(after.segments.filter(({ startsDiscontinuity }) => startsDiscontinuity)).toHaveLength(1)
  expect(after.segments.map(({ msn }) => msn)).toEqual(after.segments.map((_, i) => after.segments[0]!.msn + i))
  const [old] = after.segments
  const bytes = await fetch(`${folder}/${old!.uri}`)
  expect(bytes.status).toBe(200)
})

test('a disk that cannot be written turns rewinding off and leaves the show alone', async () => {
  studio = await openStudio({ MEDIA_ROOT: '/dev/null/no-such-place' })
  studio.pushClip(clipPath('film'))
  await studio.untilSession(({ state }) => state === 'live')
  const folder = await studio.watch()
  const list = await untilMsn(folder, 'source', 4)
  expect((await fetch(`${folder}/${list.segments.at(-1)!.uri}`)).status).toBe(200)
  expect(studio.node.said()).toContain('rewinding is off for this session')
})

test('a broadcaster who stays away longer than the grace period ends the session, with an end tag', async () => {
  studio = await openStudio({ RECONNECT_GRACE_SECONDS: '2' })
  const push = studio.pushClip(clipPath('film'))
  await studio.untilSession(({ state }) => state === 'live')
  const folder = await studio.watch()
  await push.stop()
  await studio.untilSession(({ state }) => state === 'paused')
  expect(await studio.untilSession(({ state }) => state === 'ended')).toMatchObject({ endReason: 'publisher gone' })
  expect((await studio.listed(folder, 'source')).isEnded).toBe(true)
})

test('a stop leaves the session paused, no encoder behind, and the next start goes on with it', async () => {
  studio = await openStudio()
  const push = studio.pushClip(clipPath('film'))
  const { id } = await studio.untilSession(({ state }) => state === 'live')
  const { node } = studio
  process.kill(node.pid()!, 'SIGTERM')
  await push.gone
  await node.startAgain()
  expect(await studio.session()).toMatchObject({ id, state: 'paused' })
  expect(encoderOf(node.home)).toBeNull()
  expect(execFileSync('ls', [`${node.home}/media/live`], { encoding: 'utf8' }).trim()).toBe(id)
})
