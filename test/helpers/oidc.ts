import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'
import { onTestFinished } from 'vitest'

const CLIENT = { client_id: 'footlight', client_secret: 'a secret of these tests' }

export interface Elsewhere {
  sub: string
  email: string
  email_verified: boolean
  name?: string
}

/** A real OpenID provider on loopback. Whoever comes is taken for `person`, and agrees to everything. */
export async function oidcProvider(redirectUri: string, person: Elsewhere) {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo // it listens on TCP
  const issuer = `http://127.0.0.1:${port}`
  const provider = new Provider(issuer, {
    clients: [{ ...CLIENT, redirect_uris: [redirectUri] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    conformIdTokenClaims: false,
    findAccount: (_context, sub) => ({ accountId: sub, claims: async () => ({ ...person, sub }) }),
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/agree/${uid}` },
    cookies: { keys: ['a key of these tests'] },
    ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
  })
  const answer = provider.callback()
  server.on('request', async (request, response) => {
    if (!request.url?.startsWith('/agree/')) return answer(request, response)
    const { params } = await provider.interactionDetails(request, response)
    const grant = new provider.Grant({ accountId: person.sub, clientId: String(params.client_id) })
    grant.addOIDCScope(String(params.scope))
    const result = { login: { accountId: person.sub }, consent: { grantId: await grant.save() } }
    await provider.interactionFinished(request, response, result)
  })

  /** What a browser does there: follows every redirect with its cookies until it is sent back to us. */
  async function visit(url: string): Promise<string> {
    const jar = new Map<string, string>()
    for (let at = url; ; ) {
      if (!at.startsWith(issuer)) return at
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
      const response = await fetch(at, { redirect: 'manual', headers: { cookie } })
      for (const one of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(one) ?? []
        jar.set(name, value)
      }
      const next = response.headers.get('location')
      if (!next) throw new Error(`the provider answered ${response.status}: ${await response.text()}`)
      at = new URL(next, at).href
    }
  }

  return { issuer, ...CLIENT, visit }
}
