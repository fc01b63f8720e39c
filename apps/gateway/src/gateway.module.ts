import { Module, type DynamicModule } from '@nestjs/common'
import { APP_FILTER } from '@nestjs/core'
import type { Logger } from '@gridkeeper/service-kit'
import type { GatewayConfig } from './config/env.ts'
import { CONFIG, Gateway, LOGGER } from './gateway.ts'
import { HealthController } from './health/health.controller.ts'
import { IngestProblemFilter } from './ingest/ingest-problem.filter.ts'
import { IngestController } from './ingest/ingest.controller.ts'

@Module({})
export class GatewayModule {
  static with(config: GatewayConfig, logger: Logger): DynamicModule {
    return {
      module: GatewayModule,
      controllers: [HealthController, IngestController],
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: LOGGER, useValue: logger },
        { provide: APP_FILTER, useClass: IngestProblemFilter },
        Gateway,
      ],
    }
  }
}
