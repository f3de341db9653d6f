import type { createApi } from '../../scripts/node-client.ts'
import { eventually } from './eventually.ts'

/** The link of the newest mail to this address, as a path, as the operator sees it while no mail leaves. */
export function mailedLink(operator: Pick<ReturnType<typeof createApi>, 'call'>, to: string): Promise<string> {
  return eventually(async () => {
    const { mail } = await operator.call<{ mail: { to: string; text: string }[] }>('GET', '/operator/mail')
    return /\/[\w/-]+\?token=\S+/.exec(mail.find((one) => one.to === to)?.text ?? '')?.[0] ?? null
  })
}
