import { createLogger, loadEnv, runService } from '@gridkeeper/service-kit'
import { envSchema } from './env.ts'
import { startEmbedded } from './start-embedded.ts'

const logger = createLogger('embedded')

runService({
  name: 'embedded',
  logger,
  start: async () => {
    const env = loadEnv(envSchema)
    const embedded = await startEmbedded({
      dataDir: env.EMBEDDED_DATA_DIR,
      host: env.EMBEDDED_HOST,
      port: env.EMBEDDED_PORT,
      fsync: env.EMBEDDED_FSYNC,
      jobIntervalMs: env.EMBEDDED_JOB_INTERVAL_MS,
      idleInTransactionMs: env.EMBEDDED_IDLE_IN_TRANSACTION_MS,
      maxConnections: env.EMBEDDED_MAX_CONNECTIONS,
      ...(env.EMBEDDED_PASSWORD === undefined ? {} : { password: env.EMBEDDED_PASSWORD }),
      ...(env.EMBEDDED_TEMPLATE_DIR === undefined ? {} : { templateDir: env.EMBEDDED_TEMPLATE_DIR }),
      logger,
    })
    const stop = async () => {
      await embedded.stop()
      logger.info({ counters: embedded.counters() }, 'what was done')
    }
    return { ready: { url: embedded.url, port: embedded.port }, stop }
  },
})
