import { createLogger, loadEnv, runService } from '@gridkeeper/service-kit'
import { toConfig } from './config/config.ts'
import { envSchema } from './config/env.ts'
import { runDistrict } from './publish/run-district.ts'

const logger = createLogger('simulator')

runService({
  name: 'simulator',
  logger,
  start: async () => {
    const config = toConfig(loadEnv(envSchema))
    const district = await runDistrict(config, logger)
    return { ready: { ...config.size, ratePerSecond: config.ratePerSecond }, stop: district.stop }
  },
})
