import { loadConfig } from '../config/config.ts'
import { createApp } from './app.ts'
import { createLogger } from './platform/logger.ts'
import { setUpStripe } from './stripe-setup.ts'

/** Reads the config, builds the app, starts it, and stops it on SIGTERM or Ctrl-C. With `--stripe-setup` it does only that. */
async function main(): Promise<void> {
  const config = loadConfigOrExit()
  const logger = createLogger(config.log.level)
  if (process.argv[2] === '--stripe-setup') {
    const isDone = await setUpStripe({ config, logger, say: console.log }).catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error)
    })
    process.exit(isDone ? 0 : 1)
  }
  const app = await createApp({ config, logger })

  let isStopping = false
  async function stop(signal: string): Promise<void> {
    if (isStopping) process.exit(1) // asked twice: somebody is in a hurry
    isStopping = true
    logger.info({ signal }, 'stopping')
    await app.stop()
    logger.info('stopped')
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal))

  const { ownerLink } = await app.start().catch(async (error: unknown) => {
    await app.stop()
    throw error
  })
  // Not through the logger: it must be seen whatever the level, and is for a person to read.
  if (ownerLink) console.log(`owner link: ${ownerLink}`)
}

function loadConfigOrExit() {
  try {
    return loadConfig(process.env)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  }
}

main().catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
