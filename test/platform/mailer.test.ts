import type { SMTPServerOptions } from 'smtp-server'
import { expect, onTestFinished, test } from 'vitest'
import { createLogger } from '../../src/platform/logger.ts'
import { createMailer } from '../../src/platform/mailer.ts'
import { Secret } from '../../src/platform/secret.ts'
import { fakeClock } from '../helpers/clock.ts'
import { smtp } from '../helpers/mail.ts'

const letter = { to: 'anna@example.org', subject: 'Hello', text: 'Your link: https://example.org/x?token=1\n' }

function mailer(url: string | null) {
  const lines: string[] = []
  const logger = createLogger('info', { write: (line) => void lines.push(line) })
  const mail = url === null ? null : { url: new Secret(url), from: 'Footlight <no-reply@example.org>' }
  const made = createMailer({ mail, logger, clock: fakeClock() })
  onTestFinished(() => made.close())
  return { ...made, lines }
}

test('a mail reaches a real SMTP server, signed in and from the address that is set', async () => {
  const { taken, port } = await smtp()
  const { send, kept, lines } = mailer(`smtp://node:sesame@127.0.0.1:${port}`)
  expect(await send({ ...letter, headers: { 'List-Unsubscribe': '<https://example.org/off>' } })).toBe('sent')
  expect(taken).toMatchObject([{ from: 'no-reply@example.org', to: ['anna@example.org'], user: 'node' }])
  expect(taken[0]!.body).toContain('Subject: Hello')
  expect(taken[0]!.body).toContain('List-Unsubscribe: <https://example.org/off>')
  expect(kept()).toEqual([])
  expect(lines.join()).not.toMatch(/token=1|sesame/)
})

test('without an SMTP server the text is in the log and on the list, never silently lost', async () => {
  const { send, kept, lines } = mailer(null)
  expect(await send(letter)).toBe('kept')
  expect(kept()).toMatchObject([{ ...letter, problem: null }])
  expect(lines.join()).toContain('token=1')
})

test.each([
  ['refuses the recipient', { onRcptTo: (_a, _s, done) => done(new Error('no such mailbox')) } as SMTPServerOptions],
  ['refuses the password', { onAuth: (_a, _s, done) => done(new Error('not you')) } as SMTPServerOptions],
])('what a server that %s did not take is kept, with what it said', async (_what, options) => {
  const { port } = await smtp(options)
  const { send, kept, lines } = mailer(`smtp://node:sesame@127.0.0.1:${port}`)
  expect(await send(letter)).toBe('kept')
  expect(kept()[0]!.problem).toMatch(/no such mailbox|not you/)
  expect(lines.join()).not.toContain('sesame')
})

test('nobody smuggles a second recipient or header in', async () => {
  const { taken, port } = await smtp()
  const { send } = mailer(`smtp://node:sesame@127.0.0.1:${port}`)
  await send({ ...letter, to: 'anna@example.org', subject: 'Hi\r\nBcc: eve@example.org' })
  expect(taken[0]!.to).toEqual(['anna@example.org'])
  expect(taken[0]!.body).not.toMatch(/^Bcc:/m)
})

test('the list holds the newest 200', async () => {
  const { send, kept } = mailer(null)
  for (let n = 0; n < 205; n++) await send({ ...letter, subject: `No. ${n}` })
  expect(kept()).toHaveLength(200)
  expect(kept()[0]!.subject).toBe('No. 204')
})
