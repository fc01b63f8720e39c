import { Module, type DynamicModule } from '@nestjs/common'
import { createRegistry, type Logger } from '@gridkeeper/service-kit'
import { AlarmsModule } from './alarms/alarms.module.ts'
import type { ApiConfig } from './config/config.ts'
import { CLOCK, CONFIG, LOGGER, METRICS } from './config/tokens.ts'
import { DatabaseModule } from './database/database.module.ts'
import { DeadLettersModule } from './dead-letters/dead-letters.module.ts'
import { DevicesModule } from './devices/devices.module.ts'
import { DocsModule } from './docs/docs.module.ts'
import { GatewaysModule } from './gateways/gateways.module.ts'
import { HealthModule } from './health/health.module.ts'
import { ImportModule } from './import/import.module.ts'
import { JobsModule } from './jobs/jobs.module.ts'
import { KeepersModule } from './keepers/keepers.module.ts'
import { LiveModule } from './live/live.module.ts'
import { OverviewModule } from './overview/overview.module.ts'
import { QuarantineModule } from './quarantine/quarantine.module.ts'
import { ReadingsModule } from './readings/readings.module.ts'
import { RegistryModule } from './registry/registry.module.ts'
import { SessionModule } from './session/session.module.ts'
import { TwinModule } from './twin/twin.module.ts'

/** What every feature may ask for. */
const settings = (config: ApiConfig, logger: Logger): DynamicModule => {
  const providers = [
    { provide: CONFIG, useValue: config },
    { provide: LOGGER, useValue: logger },
    { provide: CLOCK, useValue: Date.now },
    { provide: METRICS, useValue: createRegistry('api', { withProcessMetrics: true }) },
  ]
  return { module: SettingsModule, global: true, providers, exports: providers.map(({ provide }) => provide) }
}

@Module({})
class SettingsModule {}

@Module({})
export class AppModule {
  static with(config: ApiConfig, logger: Logger): DynamicModule {
    return {
      module: AppModule,
      imports: [
        settings(config, logger),
        DatabaseModule,
        TwinModule,
        SessionModule,
        RegistryModule,
        ReadingsModule,
        KeepersModule,
        AlarmsModule,
        OverviewModule,
        ImportModule,
        DevicesModule,
        QuarantineModule,
        DeadLettersModule,
        GatewaysModule,
        LiveModule,
        HealthModule,
        JobsModule,
        DocsModule,
      ],
    }
  }
}
