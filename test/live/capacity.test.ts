/** An encoder that is too slow, and hardware that fails in mid-show, through a wrapper that stands in for FFmpeg. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clipPath } from '../helpers/clips.ts'
import { encoderOf } from '../helpers/encoder-process.ts'
import { eventually } from '../helpers/eventually.ts'
import { openStudio } from '../helpers/studio.ts'

interface Capacity {
  encoder: string
  speed: number
  isMeasured: boolean
  aside: string | null
  decisions: { ladderReason: string }[]
}

let studio: Awaited<ReturnType<typeof openStudio>>
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wrapper-'))
})
afterEach(async () => {
  await studio?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** An `ffmpeg` whose script may change its arguments, in `$@`, before the real one takes over. */
function wrapper(script: string): string {
  const path = join(folder, 'ffmpeg')
  writeFileSync(path, `#!/usr/bin/env bash\n${script}\nexec ffmpeg "$@"\n`, { mode: 0o755 })
  return path
}

const capacity = () => studio.api.call<Capacity>('GET', '/operator/capacity')
const untilCapacity = (isIt: (seen: Capacity) => boolean) =>
  eventually(async () => {
    const seen = await capacity()
    return isIt(seen) ? seen : null
  })
const untilMsn = (at: string, rendition: string, msn: number) =>
  eventually(async () => {
    const list = await studio.listed(at, rendition)
    return (list.segments.at(-1)?.msn ?? -1) >= msn ? list : null
  })

test('an encoder slower than real time sheds its top rendition, which shows gaps; the others go on', async () => {
  // With more than one picture to make, it reads at half of real time.
  const slow = `if [ "$(grep -o libx264 <<< "$*" | wc -l)" -gt 1 ]; then set -- -readrate 0.5 "$@"; fi`
  studio = await openStudio({ FFMPEG_PATH: wrapper(slow), ENCODER: 'software', LADDER: '480p,360p,240p' })
  studio.pushClip(clipPath('film'))
  await studio.untilSession(({ state }) => state === 'live')
  const at = await studio.watch()
  const shed = await studio.untilSession(({ note }) => note?.includes('360p') ?? false)
  expect(shed.renditions.map(({ id }) => id)).toEqual(['source', '240p'])
  expect(shed).toMatchObject({ ladderReason: expect.stringContaining('360p was shed') })
  expect(studio.node.said()).toContain('a rendition was shed')
  const { segments } = await studio.listed(at, 'source')
  const later = segments.at(-1)!.msn + 4
  expect((await untilMsn(at, '360p', later)).segments.at(-1)?.isGap).toBe(true)
  expect((await untilMsn(at, '240p', later)).segments.at(-1)?.isGap).toBe(false)
  expect((await untilMsn(at, 'source', later)).segments.some(({ isGap }) => isGap)).toBe(false)
})

test('hardware that fails in mid-show is replaced by software, and the session goes on', async () => {
  // Software in disguise: works until it is told to fail.
  const disguise = `[[ "$*" == *h264_nvenc* ]] && echo run >> ${folder}/nvenc
[[ "$*" == *h264_nvenc* && -e ${folder}/fail ]] && exit 1
args=()
while [ $# -gt 0 ]; do
  case $1 in
    -no-scenecut | -delay | -zerolatency | -tune | -rc) shift 2; continue ;;
    h264_nvenc) args+=(libx264) ;;
    p4) args+=(ultrafast) ;;
    *) args+=("$1") ;;
  esac
  shift
done
set -- "\${args[@]}"`
  studio = await openStudio({ FFMPEG_PATH: wrapper(disguise), ENCODER: 'nvenc', LADDER: '480p,240p' })
  await untilCapacity(({ encoder, isMeasured }) => encoder === 'nvenc' && isMeasured)
  studio.pushClip(clipPath('film'))
  const { id } = await studio.untilSession(({ state }) => state === 'live')
  const at = await studio.watch()
  await untilMsn(at, '240p', 2)

  writeFileSync(join(folder, 'fail'), '')
  process.kill(await eventually(() => encoderOf(studio.node.home)), 'SIGKILL')
  const after = await untilCapacity(({ aside }) => aside !== null)
  expect(after.encoder).toBe('software')
  const before = (await studio.listed(at, 'source')).segments.at(-1)!.msn
  const source = await untilMsn(at, 'source', before + 3)
  expect(source.segments.some(({ isGap, startsDiscontinuity }) => isGap || startsDiscontinuity)).toBe(false)
  const lower = await untilMsn(at, '240p', before + 3)
  expect(lower.segments.at(-1)?.isGap).toBe(false)
  expect(lower.segments.filter(({ isGap }) => isGap).length).toBeLessThanOrEqual(2)
  expect(await studio.session()).toMatchObject({ id, state: 'live' })
  const { decisions } = await capacity()
  expect(decisions[0]?.ladderReason).toContain('nvenc failed, and software took over')
  expect(existsSync(join(folder, 'nvenc'))).toBe(true)
})

test("a channel's own choice of qualities holds, and who may not run the channel is not told why", async () => {
  studio = await openStudio()
  await studio.api.call('PATCH', `/channels/${studio.channel.id}`, { ladder: ['240p'] })
  studio.pushClip(clipPath('film'))
  const { id, renditions, ladderReason } = await studio.untilSession(({ state }) => state === 'live')
  expect(renditions.map(({ id }) => id)).toEqual(['source', '240p'])
  expect(ladderReason).toContain('this channel asked for 240p')
  const told = await (await fetch(`${studio.node.url}/api/sessions/${id}`)).json()
  expect(told).toMatchObject({ id, ladderReason: null })
})

test('the box is measured at first start, and the next start knows', async () => {
  studio = await openStudio()
  const { speed } = await untilCapacity(({ isMeasured }) => isMeasured)
  expect(speed).toBeGreaterThan(0.1)
  await studio.node.kill()
  await studio.node.startAgain()
  expect((await untilCapacity(({ isMeasured }) => isMeasured)).speed).toBe(speed)
  const anonymous = await fetch(`${studio.node.url}/api/operator/capacity`)
  expect(anonymous.status).toBe(401)
})
