import 'reflect-metadata'
import { createLogger, isPortTaken, loadEnv, portTaken, runService } from '@gridkeeper/service-kit'
import { toConfig } from './config/config.ts'
import { envSchema } from './config/env.ts'
import { startApi } from './start-api.ts'

const logger = createLogger('api')

runService({
  name: 'api',
  logger,
  start: async () => {
    const config = toConfig(loadEnv(envSchema))
    try {
      const api = await startApi(config, logger)
      return { ready: { port: api.port }, stop: () => api.stop() }
    } catch (error) {
      throw isPortTaken(error) ? portTaken(config.http.port, 'HTTP_PORT', error) : error
    }
  },
})
