import 'reflect-metadata'
import { createLogger, isPortTaken, portTaken, runService } from '@gridkeeper/service-kit'
import { readConfig } from './config/env.ts'
import { createApp } from './create-app.ts'
import { Gateway } from './gateway.ts'

const logger = createLogger('gateway')

runService({
  name: 'gateway',
  logger,
  start: async () => {
    const config = readConfig()
    const app = await createApp(config, logger)
    const gateway = app.get(Gateway)
    await gateway.start()
    try {
      await app.listen(config.http.port, config.http.host)
    } catch (error) {
      await gateway.stop()
      throw isPortTaken(error) ? portTaken(config.http.port, 'GATEWAY_HTTP_PORT', error) : error
    }
    return {
      ready: { mqttPort: gateway.mqttPort, httpPort: config.http.port },
      stop: async () => {
        await gateway.stop()
        await app.close()
      },
    }
  },
})
