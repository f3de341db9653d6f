import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { onTestFinished } from 'vitest'
import type { createApi } from '../../scripts/node-client.ts'
import { eventually } from './eventually.ts'

/** The link of the newest mail to this address, as a path, as the operator sees it while no mail leaves. */
export function mailedLink(operator: Pick<ReturnType<typeof createApi>, 'call'>, to: string): Promise<string> {
  return eventually(async () => {
    const { mail } = await operator.call<{ mail: { to: string; text: string }[] }>('GET', '/operator/mail')
    return /\/[\w/-]+\?token=\S+/.exec(mail.find((one) => one.to === to)?.text ?? '')?.[0] ?? null
  })
}

/** A real SMTP server on loopback that keeps what it took; gone when the test is over. */
export async function smtp(options: SMTPServerOptions = {}) {
  const taken: { from: string; to: string[]; body: string; user: unknown }[] = []
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) =>
      password === 'sesame' ? done(null, { user: username }) : done(new Error('wrong password')),
    onData(stream, { envelope, user }, done) {
      void text(stream).then((body) => {
        const from = envelope.mailFrom ? envelope.mailFrom.address : ''
        taken.push({ from, to: envelope.rcptTo.map(({ address }) => address), body, user })
        done()
      })
    },
    ...options,
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  const { port } = server.server.address() as AddressInfo // it listens on TCP
  return { taken, port }
}

/** Somebody who has registered and opened the link in their mail. */
export async function register(
  operator: Pick<ReturnType<typeof createApi>, 'call'>,
  person: { name: string; email: string; password: string },
): Promise<void> {
  await operator.call('POST', '/auth/sign-up/email', person)
  const [, token] = (await mailedLink(operator, person.email)).split('token=')
  await operator.call('POST', '/auth/verify', { token })
}
