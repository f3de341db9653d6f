import { expect, test } from 'vitest'
import { peopleSide } from '../helpers/people.ts'

test('admins find people by name, address, role, status and wish', async () => {
  const { call, person } = await peopleSide()
  const { as } = await person('Ada', 'admin')
  const anna = await person('Anna', 'creator')
  const bo = await person('Bo', 'viewer')
  await call('PATCH', `/api/users/${anna.user.id}`, { as, body: { status: 'banned', statusReason: 'spam' } })
  await call('POST', '/api/account/creator', { as: bo.as, body: {} })
  const names = async (query: string) =>
    (await call('GET', `/api/users?${query}`, { as })).body.users.map(({ name }: { name: string }) => name)
  expect(await names('search=aNN')).toEqual(['Anna'])
  expect(await names('search=bo@example')).toEqual(['Bo'])
  expect(await names('search=%25')).toHaveLength(4)
  expect(await names('role=creator')).toEqual(['Anna'])
  expect(await names('status=banned')).toEqual(['Anna'])
  expect(await names('status=active')).not.toContain('Anna')
  expect(await names('wantsToCreate=true')).toEqual(['Bo'])
})

test('becoming a creator: at once, by an admin’s word, or by invitation', async () => {
  const open = await peopleSide({ creators: 'open' })
  const vera = await open.person('Vera', 'viewer')
  expect((await open.call('POST', '/api/account/creator', { as: vera.as, body: {} })).body.state).toBe('creator')
  expect((await open.call('POST', '/api/channels', { as: vera.as, body: { name: 'Mine' } })).status).toBe(201)

  const asked = await peopleSide({ creators: 'approval' })
  const admin = await asked.person('Ada', 'admin')
  const bo = await asked.person('Bo', 'viewer')
  expect((await asked.call('POST', '/api/account/creator', { as: bo.as, body: {} })).body.state).toBe('asked')
  expect((await asked.call('POST', '/api/channels', { as: bo.as, body: { name: 'Mine' } })).status).toBe(403)
  const path = `/api/users/${bo.user.id}`
  await asked.call('PATCH', path, { as: admin.as, body: { wantsToCreate: false } })
  expect((await asked.call('GET', '/api/account/security', { as: bo.as })).body.hasAskedToCreate).toBe(false)
  const made = await asked.call('PATCH', path, { as: admin.as, body: { role: 'creator' } })
  expect(made.body).toMatchObject({ role: 'creator', wantsToCreate: false })

  const invited = await peopleSide({ creators: 'invitation' })
  const ada = await invited.person('Ada', 'admin')
  const carl = await invited.person('Carl', 'viewer')
  const become = (body: unknown) => invited.call('POST', '/api/account/creator', { as: carl.as, body })
  expect((await become({})).body.error.code).toBe('invitation_needed')
  const invite = async (role: string) =>
    (await invited.call('POST', '/api/operator/invitations', { as: ada.as, body: { role } })).body.word
  expect((await become({ invitation: await invite('viewer') })).status).toBe(403)
  expect((await become({ invitation: await invite('creator') })).body.state).toBe('creator')
})

test('only an admin invites, and a withdrawn invitation opens nothing', async () => {
  const { call, person } = await peopleSide({ signUp: 'invitation' })
  const { as } = await person('Ada', 'admin')
  const vera = await person('Vera', 'moderator')
  const body = { role: 'creator' }
  expect((await call('POST', '/api/operator/invitations', { as: vera.as, body })).status).toBe(403)
  expect((await call('GET', '/api/operator/invitations', { as: vera.as })).status).toBe(403)
  const made = (await call('POST', '/api/operator/invitations', { as, body })).body
  expect((await call('DELETE', `/api/operator/invitations/${made.id}`, { as })).status).toBe(204)
  const eve = { email: 'eve@example.org', password: 'a long and good one', name: 'Eve', invitation: made.word }
  expect((await call('POST', '/api/auth/sign-up/email', { body: eve })).body.error.code).toBe('invitation_void')
})

test('open invitations are listed, mailed where there is an address, and sent again with a new word', async () => {
  const { call, person, mailer } = await peopleSide({ signUp: 'invitation' })
  const { as } = await person('Ada', 'admin')
  const body = { role: 'creator', note: 'the new one', email: 'eve@example.org', days: 2 }
  const made = (await call('POST', '/api/operator/invitations', { as, body })).body
  await call('POST', '/api/operator/invitations', { as, body: { role: 'viewer' } })
  const { invitations } = (await call('GET', '/api/operator/invitations', { as })).body
  expect(invitations).toMatchObject([{ email: null }, { note: 'the new one', email: 'eve@example.org' }])
  expect(JSON.stringify(invitations)).not.toContain(made.word)

  const again = (await call('POST', `/api/operator/invitations/${made.id}/resend`, { as })).body
  const mails = mailer.kept().filter(({ to }) => to === 'eve@example.org')
  expect(mails.map(({ text }) => [made, again].findIndex(({ word }) => text.includes(word)))).toEqual([1, 0])
  const eve = { email: 'eve@example.org', password: 'a long and good one', name: 'Eve' }
  const register = (invitation: string) =>
    call('POST', '/api/auth/sign-up/email', { body: { ...eve, invitation }, peer: '192.0.2.9' })
  expect((await register(made.word)).body.error.code).toBe('invitation_void')
  expect((await register(again.word)).status).toBe(202)
  expect((await call('POST', `/api/operator/invitations/${made.id}/resend`, { as })).status).toBe(404)
})

test('what is done to an account is in the audit log: who, in which role, before and after', async () => {
  const { call, person, facts } = await peopleSide({ keepAddresses: true })
  const admin = await person('Ada', 'admin')
  const { user, as } = await person('Anna', 'viewer')
  const change = { status: 'suspended', statusReason: 'spam' }
  await call('PATCH', `/api/users/${user.id}`, { as: admin.as, body: change, peer: '192.0.2.9' })
  expect(facts).toContain(`person.status_changed ${user.id}`)
  const query = `target=user:${user.id}&limit=1`
  const { body } = await call('GET', `/api/operator/audit?${query}`, { as: admin.as })
  expect(body.entries).toMatchObject([
    {
      actorId: admin.user.id,
      actorRole: 'admin',
      action: 'account.changed',
      before: { role: 'viewer', status: 'active' },
      after: change,
      address: '192.0.2.9',
    },
  ])
  const older = await call('GET', `/api/operator/audit?${query}&cursor=${body.nextCursor}`, { as: admin.as })
  expect(older.body.entries).toMatchObject([{ action: 'account.registered' }])
  for (const path of ['/api/operator/audit', '/api/operator/mail']) {
    expect((await call('GET', path)).status).toBe(401)
    expect((await call('GET', path, { as: (await person(`Vera${path.length}`, 'viewer')).as })).status).toBe(403)
  }
  expect((await call('GET', '/api/me', { as })).body.user).toBeNull()
})

test('mail that could not leave is on the operator’s page', async () => {
  const { call, person } = await peopleSide()
  const { as } = await person('Ada', 'admin')
  await person('Anna', 'viewer')
  await call('POST', '/api/auth/reset', { body: { email: 'anna@example.org' } })
  const { body } = await call('GET', '/api/operator/mail', { as })
  expect(body.isConfigured).toBe(false)
  expect(body.mail[0]).toMatchObject({ to: 'anna@example.org', text: expect.stringContaining('/reset?token=') })
})
