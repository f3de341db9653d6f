import type { Config } from '../config/config.ts'
import { createStripeMoney } from './commerce/commerce.ts'
import { openMigrated } from './db/migrate.ts'
import { systemClock } from './platform/clock.ts'
import type { Logger } from './platform/logger.ts'
import { loadSecrets } from './platform/secrets.ts'

interface SetupOptions {
  config: Config
  logger: Logger
  say(line: string): void
  /** Where Stripe is, in tests. */
  at?: { host: string; port: number; protocol: 'http' }
}

const WORDS = {
  orders: 'orders (checkouts, memberships, refunds, disputes)',
  payouts: "payouts (creators' accounts and what is sent to their banks)",
}

/**
 * `scripts/start --stripe-setup`: makes Stripe ring at this node, or moves it to the node's new address, and says what it
 * did. The node may run meanwhile. False when Stripe refused something.
 */
export async function setUpStripe({ config, logger, say, at }: SetupOptions): Promise<boolean> {
  const { commerce, dataDir, database, http } = config
  if (!commerce.stripe) throw new Error('STRIPE_SECRET_KEY is not set: there is nothing to set up')
  if (database.url === ':memory:') throw new Error('the database lives in memory: nothing set up here would be kept')
  const secrets = await loadSecrets(dataDir)
  const opened = await openMigrated({ url: database.url, dataDir, clock: systemClock, logger })
  try {
    const { setUpWebhook } = await createStripeMoney({
      ...{ db: opened.database.db, clock: systemClock, publicUrl: http.publicUrl, secret: secrets.money, at },
      ...commerce.stripe,
    })
    const { url, endpoints } = await setUpWebhook()
    await opened.confirmHealthy()
    say(`Stripe rings at ${url}`)
    for (const { kind, did, why } of endpoints) {
      say(`  ${WORDS[kind]}: ${why === null ? did : `refused (${why})`}`)
    }
    return endpoints.every(({ did }) => did !== 'refused')
  } finally {
    await opened.database.close()
  }
}
