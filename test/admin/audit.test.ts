/** What the rooms tell the audit log, and how an admin finds it again. */
import { expect, test } from 'vitest'
import type { AuditLog } from '../../src/admin/admin.ts'
import { createChannels } from '../../src/catalog/catalog.ts'
import { createSessions } from '../../src/live/live.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { accessRoom } from '../helpers/access-room.ts'
import { moneyRoom } from '../helpers/money.ts'
import { peopleSide } from '../helpers/people.ts'

/** Everything that was told, the oldest first. */
async function told({ list }: AuditLog) {
  return (await list({ limit: 100 })).items.toReversed()
}

test('channels, their people and their keys: who did what to whom, with before and after', async () => {
  const { call, person, auditLog } = await peopleSide()
  const [olga, mo, ada] = [await person('Olga', 'creator'), await person('Mo', 'viewer'), await person('Ada', 'admin')]
  const before = (await told(auditLog)).length
  const { id } = (await call('POST', '/api/channels', { as: olga.as, body: { name: 'Night radio' } })).body
  await call('PATCH', `/api/channels/${id}`, { as: olga.as, body: { name: 'Day radio', visibility: 'unlisted' } })
  await call('PUT', `/api/channels/${id}/moderators/${mo.user.id}`, { as: olga.as })
  await call('DELETE', `/api/channels/${id}/moderators/${mo.user.id}`, { as: olga.as })
  await call('PUT', `/api/channels/${id}/bans/${mo.user.id}`, { as: olga.as, body: { reason: 'rude' } })
  await call('DELETE', `/api/channels/${id}/bans/${mo.user.id}`, { as: olga.as })
  const key = (await call('POST', `/api/channels/${id}/stream-keys`, { as: olga.as, body: { label: 'OBS' } })).body
  await call('POST', `/api/channels/${id}/stream-keys/${key.id}/rotate`, { as: olga.as })
  await call('DELETE', `/api/channels/${id}/stream-keys/${key.id}`, { as: olga.as })
  const judged = { suspended: true, suspendedReason: 'spam' }
  await call('PATCH', `/api/channels/${id}`, { as: ada.as, body: judged })

  const acts = (await told(auditLog)).slice(before)
  const [channel, moderator, stream] = [`channel:${id}`, `user:${mo.user.id}`, `stream_key:${key.id}`]
  expect(acts.map(({ actorName, action, target }) => [actorName, action, target])).toEqual([
    ['Olga', 'channel.made', channel],
    ['Olga', 'channel.changed', channel],
    ['Olga', 'moderator.added', moderator],
    ['Olga', 'moderator.removed', moderator],
    ['Olga', 'channel_ban.made', moderator],
    ['Olga', 'channel_ban.lifted', moderator],
    ['Olga', 'stream_key.made', stream],
    ['Olga', 'stream_key.rotated', stream],
    ['Olga', 'stream_key.revoked', stream],
    ['Ada', 'channel.suspended', channel],
  ])
  expect(acts[1]).toMatchObject({ before: { name: 'Night radio', visibility: 'public' }, after: { name: 'Day radio' } })
  expect(acts[4]).toMatchObject({ after: { channelId: id, reason: 'rude' } })
  expect(acts.at(-1)).toMatchObject({ actorRole: 'admin', before: { suspended: false }, after: judged })
  expect(JSON.stringify(acts)).not.toContain(key.streamKey.slice(-43))
})

test('shows: who may watch them, who ended or called them off, and whom somebody invited', async () => {
  const { db, clock, auditLog, owner, channelId, invitations } = await accessRoom()
  const ownChannel = async (_actor: unknown, id: string) => id
  const sessions = createSessions({ db, clock, ownChannel, recordAct: auditLog.recordAct })
  const before = (await told(auditLog)).length
  const planned = await sessions.plan(owner, channelId, { title: 'Later', scheduledAt: clock.now() + 60_000 })
  await sessions.update(owner, planned.id, { title: 'Sooner' })
  await sessions.update(owner, planned.id, { visibility: 'ticket', previewMinutes: 5 })
  await sessions.move(planned.id, 'cancel', { actor: owner })
  const asked = { label: 'friends', maxUses: 3, expiresAt: null }
  const { invitation, secret } = await invitations.create(owner, channelId, `session:${planned.id}`, asked)
  await invitations.remove(owner, invitation)
  const acts = (await told(auditLog)).slice(before)
  expect(acts.map(({ action }) => action)).toEqual([
    'session.access_changed',
    'session.cancelled',
    'show_invitation.made',
    'show_invitation.taken_back',
  ])
  const [was, is] = [
    { visibility: 'public', previewMinutes: 0 },
    { visibility: 'ticket', previewMinutes: 5 },
  ]
  expect(acts[0]).toMatchObject({ target: `session:${planned.id}`, before: was, after: is })
  expect(JSON.stringify(acts)).not.toContain(secret)
})

test('money: offers, codes, gifts, comps and refunds', async () => {
  const room = await moneyRoom()
  const { commerce, creator, channelId, auditLog, person, buy } = room
  const offer = await room.offer()
  await commerce.offers.update(creator, offer.id, { price: 1_200 })
  const nothing = { amountOff: null, currency: null, offerId: null, maxUses: null, expiresAt: null }
  const code = await commerce.promotions.create(creator, channelId, { code: 'SPRING', percentOff: 10, ...nothing })
  await commerce.promotions.withdraw(creator, channelId, code.id)
  const gift = await commerce.gifts.createLink(creator, channelId, { tier: 1, days: 30, maxUses: 1, expiresAt: null })
  await commerce.gifts.withdrawLink(creator, channelId, gift.id)
  const mia = await person('Mia')
  const comp = await commerce.comps.give(creator, channelId, {
    ...{ userId: mia.id, scope: null, tier: 1, days: null, note: 'friend' },
  })
  await commerce.comps.revoke(creator, channelId, comp.id)
  await buy(mia, offer.id)
  const [payment] = (await commerce.sales.payments(creator, channelId, { limit: 1 })).items
  await commerce.sales.refund(creator, payment!.id, { amount: 500 })
  await commerce.offers.withdraw(creator, offer.id)
  await commerce.payouts.connect(creator, channelId, 'DE')
  const acts = await told(auditLog)
  expect(acts.map(({ action }) => action)).toEqual([
    ...['offer.made', 'offer.changed', 'promotion.made', 'promotion.withdrawn', 'gift.made', 'gift.withdrawn'],
    ...['comp.given', 'comp.revoked', 'refund.ordered', 'offer.withdrawn', 'payout_account.opened'],
  ])
  expect(acts[1]).toMatchObject({ target: `offer:${offer.id}`, before: { price: 1_000 }, after: { price: 1_200 } })
  expect(acts[8]).toMatchObject({ target: `payment:${payment!.id}`, after: { amount: 500, currency: 'EUR' } })
  expect(JSON.stringify(acts)).not.toContain(gift.code)
})

test('an act that cannot be written down is not done', async () => {
  const { db, clock, channels, person } = await peopleSide()
  const { user } = await person('Olga', 'creator')
  const { id } = await channels.create(user, { name: 'Night radio' })
  const silent = createChannels({
    ...{ db, clock, logger: createLogger('silent'), onSuspended: () => undefined },
    recordAct: () => Promise.reject(new Error('the log is full')),
  })
  await expect(silent.update(user, id, { name: 'Day radio' })).rejects.toThrow('the log is full')
  expect((await channels.get(id)).name).toBe('Night radio')
})

test('an admin finds acts by person, kind and date; nobody else reads them', async () => {
  const { call, person, clock } = await peopleSide()
  const [ada, anna, bo] = [await person('Ada', 'admin'), await person('Anna', 'viewer'), await person('Bo', 'viewer')]
  await call('PATCH', `/api/users/${anna.user.id}`, { as: ada.as, body: { role: 'creator' } })
  const noon = new Date(clock.now() + 1).toISOString()
  clock.advance(60_000)
  await call('POST', '/api/account/api-keys', { as: bo.as, body: { label: 'x', scopes: ['chat:read'] } })
  const seen = async (query: Record<string, string>) => {
    const { status, body } = await call('GET', `/api/operator/audit?${new URLSearchParams(query)}`, { as: ada.as })
    expect(status).toBe(200)
    return body.entries.map(({ action }: { action: string }) => action)
  }
  expect(await seen({ person: 'anna@' })).toEqual(['account.changed', 'account.registered'])
  expect(await seen({ person: bo.user.id, from: noon })).toEqual(['api_key.made'])
  expect(await seen({ person: 'Bo', until: noon })).toEqual(['account.registered'])
  expect(await seen({ action: 'api_key' })).toEqual(['api_key.made'])
  expect(await seen({ action: 'api_key.made', target: `user:${bo.user.id}` })).toEqual([])
  expect(await seen({ person: 'nobody at all' })).toEqual([])
  expect((await call('GET', '/api/operator/audit?from=yesterday', { as: ada.as })).status).toBe(422)
  expect((await call('GET', '/api/operator/audit', { as: bo.as })).status).toBe(403)
  expect((await call('GET', '/api/operator/audit')).status).toBe(401)
})
