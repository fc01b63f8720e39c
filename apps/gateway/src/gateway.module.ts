import { Module, type DynamicModule } from '@nestjs/common'
import type { Logger } from '@gridkeeper/service-kit'
import type { GatewayConfig } from './config/env.ts'
import { CONFIG, Gateway, LOGGER } from './gateway.ts'
import { HealthController } from './health/health.controller.ts'

@Module({})
export class GatewayModule {
  static with(config: GatewayConfig, logger: Logger): DynamicModule {
    return {
      module: GatewayModule,
      controllers: [HealthController],
      providers: [{ provide: CONFIG, useValue: config }, { provide: LOGGER, useValue: logger }, Gateway],
    }
  }
}
