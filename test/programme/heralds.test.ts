/** Who hears of a show: that it is live, begins soon, moved, is off. */
import { expect, test } from 'vitest'
import { programmeRoom } from '../helpers/programme-room.ts'

async function room() {
  const made = await programmeRoom()
  const { db, clock, channelId, creator, person, sessions, access, bell, programme, worker } = made
  const follow = (user: { id: string }) =>
    db.insertInto('follow').values({ userId: user.id, channelId, createdAt: clock.now() }).execute()
  const [fan, guest, banned] = [await person('Fan'), await person('Guest'), await person('Banned')]
  for (const one of [fan, banned, creator]) await follow(one)
  const ban = { channelId, userId: banned.id, reason: '', createdAt: 1, createdBy: creator.id }
  await db.insertInto('channelBan').values(ban).execute()
  const invite = (user: { id: string }, scope: `session:${string}`) =>
    access.grant({ userId: user.id, scope, tier: 0, source: `invitation:${scope}:${user.id}`, expiresAt: null })
  async function goLive(id: string) {
    clock.set('2026-11-23T14:00:00Z')
    const { id: opened } = await sessions.openFor(channelId, { streamKeyId: 'key', title: 'x' })
    if (opened !== id) throw new Error('another show was taken up')
    await sessions.move(id, 'playable')
    await programme.announce('live', id)
    await worker.runDue()
  }
  const names = new Map([fan, guest, banned, creator].map(({ id, name }) => [id, name]))
  const told = () => bell.map(({ userId, title }) => `${names.get(userId)}: ${title}`).sort()
  return { ...made, fan, guest, invite, goLive, told }
}

test('followers and those who asked hear that it is live, once; the banned and the owner do not', async () => {
  const { plan, programme, guest, goLive, told, worker } = await room()
  const show = await plan()
  await programme.remind(guest, show.code)
  await goLive(show.id)
  await programme.announce('live', show.id)
  await worker.runDue()
  expect(told()).toEqual(['Fan: Cooking is live', 'Guest: Cooking is live'])
})

test('of a private show only the invited hear, also those who follow and those who once were', async () => {
  const { plan, programme, fan, guest, invite, goLive, told, access } = await room()
  const show = await plan({ visibility: 'private' })
  await expect(programme.remind(fan, show.code)).rejects.toMatchObject({ kind: 'not_found' })
  await invite(guest, `session:${show.id}`)
  await invite(fan, `session:${show.id}`)
  await programme.remind(fan, show.code)
  await access.revoke(`invitation:session:${show.id}:${fan.id}`)
  await goLive(show.id)
  expect(told()).toEqual(['Guest: Cooking is live'])
})

test('of an unlisted show only those hear who had its address and asked', async () => {
  const { plan, programme, guest, goLive, told, bell } = await room()
  const show = await plan({ visibility: 'unlisted' })
  await programme.remind(guest, show.code)
  await goLive(show.id)
  expect(told()).toEqual(['Guest: Cooking is live'])
  expect(bell[0]!.path).toBe(`/show/${show.code}`)
})

test('before it begins, when it moves and when it is off, who asked or paid is told; who only follows is not', async () => {
  const { plan, programme, guest, person, offer, buy, worker, clock, told, bell, creator } = await room()
  const show = await plan()
  const buyer = await person('Buyer')
  const { id } = await offer({ target: { sessionId: show.id } })
  await buy(buyer, id)
  await programme.remind(guest, show.code)
  await programme.start()
  clock.set('2026-11-23T13:44:00Z')
  await worker.runDue()
  expect(bell).toEqual([])
  for (let minute = 0; minute < 3; minute++) {
    clock.advance(60_000)
    await worker.runDue()
  }
  expect(bell.map(({ title }) => title)).toEqual(['Bread begins soon', 'Bread begins soon'])
  expect(bell[0]!.text).toContain('23 November 2026')
  expect(bell[0]!.text).toContain('15:00 (Europe/Berlin)')
  await programme.change(creator, show.id, { which: 'this', startsAt: '2026-11-24T15:00' })
  await worker.runDue()
  const agreed = [{ currency: 'EUR', amount: 1_000 }]
  await programme.callOff(creator, show.id, { reason: 'the oven broke', which: 'this', agreed })
  await worker.runDue()
  expect(told().filter((one) => one.startsWith('Guest'))).toEqual([
    ...['Guest: Bread begins soon', 'Guest: Bread has a new time', 'Guest: Bread is called off'],
  ])
  expect(bell.at(-1)!.text).toContain('the oven broke')
})
