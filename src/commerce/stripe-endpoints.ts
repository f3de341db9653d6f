import { DomainError } from '../platform/errors.ts'
import { Secret } from '../platform/secret.ts'
import type { Settings } from './settings.ts'
import type { Stripe } from './stripe.ts'
import { EVENTS, THIN_EVENTS } from './stripe-events.ts'

interface EndpointsOptions {
  stripe: Stripe
  /** From the environment; else those that Stripe gave when the endpoints were made here. */
  given: Secret | null
  nodeId: string
  settings: Settings
  publicUrl: string
  asked<Answer>(ask: () => Promise<Answer>): Promise<Answer>
}

/** `orders`: checkouts, payments, subscriptions. `payouts`: creators' accounts, by thin events. */
const KINDS = ['orders', 'payouts'] as const
type Kind = (typeof KINDS)[number]

export interface SetUp {
  url: string
  endpoints: EndpointSetUp[]
}

interface EndpointSetUp {
  kind: Kind
  did: 'made' | 'moved' | 'refused'
  /** Why Stripe refused. */
  why: string | null
}

const secretName = (kind: Kind) => `stripe_webhook_secret ${kind}`

/** The two endpoints by which Stripe rings at this node: ours are known by our mark, made once, and moved with the node. */
export function stripeEndpoints({ stripe, given, nodeId, settings, publicUrl, asked }: EndpointsOptions) {
  const url = `${publicUrl}/webhooks/stripe`
  const metadata = { footlight: nodeId }

  async function secrets(): Promise<Secret[]> {
    const kept = await Promise.all(KINDS.map((kind) => settings.getSecret(secretName(kind))))
    const all = [...(given?.reveal().split(',') ?? []).map((word) => new Secret(word.trim())), ...kept]
    return all.filter((secret) => secret !== null)
  }

  const ways: Record<Kind, Way> = {
    orders: {
      async list() {
        const all = await Array.fromAsync(stripe.webhookEndpoints.list({ limit: 100 }))
        return all.filter((endpoint) => endpoint.metadata.footlight === nodeId).map(({ id }) => id)
      },
      remove: (id) => stripe.webhookEndpoints.del(id),
      move: (id) => stripe.webhookEndpoints.update(id, { url, enabled_events: [...EVENTS] }),
      async make() {
        const made = await stripe.webhookEndpoints.create({ url, enabled_events: [...EVENTS], metadata })
        return { id: made.id, secret: made.secret }
      },
    },
    payouts: {
      async list() {
        const all = await Array.fromAsync(stripe.v2.core.eventDestinations.list({ limit: 100 }))
        return all.filter((destination) => destination.metadata?.footlight === nodeId).map(({ id }) => id)
      },
      remove: (id) => stripe.v2.core.eventDestinations.del(id),
      move: (id) =>
        stripe.v2.core.eventDestinations.update(id, { webhook_endpoint: { url }, enabled_events: [...THIN_EVENTS] }),
      async make() {
        const made = await stripe.v2.core.eventDestinations.create({
          name: 'Footlight payouts',
          type: 'webhook_endpoint',
          event_payload: 'thin',
          events_from: ['@self', '@accounts'],
          enabled_events: [...THIN_EVENTS],
          webhook_endpoint: { url },
          include: ['webhook_endpoint.signing_secret'],
          metadata,
        })
        return { id: made.id, secret: made.webhook_endpoint?.signing_secret }
      },
    },
  }

  /** Safe to call again: what is there is moved to this node's address, and what nobody knows the secret of is replaced. */
  async function setUp(): Promise<SetUp> {
    const endpoints: EndpointSetUp[] = []
    for (const kind of KINDS) {
      try {
        endpoints.push({ kind, did: await asked(() => setUpOne(kind)), why: null })
      } catch (error) {
        // An account without Connect sells all the same.
        if (!(error instanceof DomainError)) throw error
        endpoints.push({ kind, did: 'refused', why: error.message })
      }
    }
    return { url, endpoints }
  }

  async function setUpOne(kind: Kind): Promise<'made' | 'moved'> {
    const way = ways[kind]
    const isSecretKnown = given !== null || (await settings.getSecret(secretName(kind))) !== null
    const ours = await way.list()
    const kept = isSecretKnown ? ours.shift() : undefined
    for (const id of ours) await way.remove(id)
    if (kept) {
      await way.move(kept)
      return 'moved'
    }
    const { id, secret } = await way.make()
    if (!secret) throw new Error(`Stripe gave no signing secret for ${id}`)
    await settings.setSecret(secretName(kind), new Secret(secret))
    return 'made'
  }

  return { secrets, setUp }
}

interface Way {
  /** Ids of those of this node. */
  list(): Promise<string[]>
  remove(id: string): Promise<unknown>
  move(id: string): Promise<unknown>
  make(): Promise<{ id: string; secret: string | null | undefined }>
}
