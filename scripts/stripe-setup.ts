/** `scripts/start --stripe-setup`: what src/stripe-setup.ts does, with this machine's settings. */
import { loadConfig } from '../config/config.ts'
import { createLogger } from '../src/platform/logger.ts'
import { setUpStripe } from '../src/stripe-setup.ts'

const logger = createLogger('warn')
setUpStripe({ config: loadConfig(process.env), logger, say: console.log }).then(
  (isWhole) => process.exit(isWhole ? 0 : 1),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  },
)
