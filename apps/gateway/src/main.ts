import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import { createLogger, isPortTaken, portTaken, runService } from '@gridkeeper/service-kit'
import { readConfig } from './config/env.ts'
import { GatewayModule } from './gateway.module.ts'
import { Gateway } from './gateway.ts'

const logger = createLogger('gateway')

runService({
  name: 'gateway',
  logger,
  start: async () => {
    const config = readConfig()
    const app = await NestFactory.create(GatewayModule.with(config, logger), { logger: ['error', 'warn'] })
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
