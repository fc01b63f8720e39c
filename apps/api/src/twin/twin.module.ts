import { Global, Inject, Module } from '@nestjs/common'
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common'
import type { Logger, Registry } from '@gridkeeper/service-kit'
import type { Pool } from 'pg'
import { BusClient } from '../bus/bus-client.ts'
import { RegistryTeller } from '../bus/registry-teller.ts'
import type { ApiConfig } from '../config/config.ts'
import { CLOCK, CONFIG, LOGGER, METRICS, POOL, type Clock } from '../config/tokens.ts'
import { createTwinMetrics, gaugeTwin, type TwinMetrics } from './twin.metrics.ts'
import { TwinService } from './twin.service.ts'
import { databaseSource } from './twin-source.ts'

const TWIN_METRICS = Symbol('twin metrics')

@Global()
@Module({
  providers: [
    {
      provide: TWIN_METRICS,
      inject: [METRICS],
      useFactory: (registry: Registry) => createTwinMetrics(registry),
    },
    {
      provide: TwinService,
      inject: [POOL, LOGGER, CLOCK, TWIN_METRICS, METRICS],
      useFactory: (pool: Pool, logger: Logger, now: Clock, metrics: TwinMetrics, registry: Registry) => {
        const twins = new TwinService({ source: databaseSource(pool), logger, metrics, now })
        gaugeTwin(registry, twins.twin)
        return twins
      },
    },
    {
      provide: BusClient,
      inject: [CONFIG, LOGGER, TWIN_METRICS],
      useFactory: ({ bus }: ApiConfig, logger: Logger, metrics: TwinMetrics) =>
        new BusClient({ ...bus, logger, onBadMessage: () => metrics.badMessages.inc() }),
    },
    {
      provide: RegistryTeller,
      inject: [BusClient, TwinService],
      useFactory: (bus: BusClient, twins: TwinService) => new RegistryTeller(bus, twins),
    },
  ],
  exports: [TwinService, BusClient, RegistryTeller],
})
export class TwinModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    @Inject(TwinService) private readonly twins: TwinService,
    @Inject(BusClient) private readonly bus: BusClient,
  ) {}

  /** First the database, so that there is something to show; then the bus, whose arrival reads the states once more. */
  async onApplicationBootstrap(): Promise<void> {
    await this.twins.start()
    this.bus.open(this.twins)
  }

  async onApplicationShutdown(): Promise<void> {
    await this.bus.close()
    await this.twins.stop()
  }
}
