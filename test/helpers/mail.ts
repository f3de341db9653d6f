import type { createApi } from '../../scripts/node-client.ts'
import { eventually } from './eventually.ts'

/** The link of the newest mail to this address, as a path, as the operator sees it while no mail leaves. */
export function mailedLink(operator: Pick<ReturnType<typeof createApi>, 'call'>, to: string): Promise<string> {
  return eventually(async () => {
    const { mail } = await operator.call<{ mail: { to: string; text: string }[] }>('GET', '/operator/mail')
    return /\/[\w/-]+\?token=\S+/.exec(mail.find((one) => one.to === to)?.text ?? '')?.[0] ?? null
  })
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
