import { Inject, Module, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common'
import type { Logger, Registry } from '@gridkeeper/service-kit'
import { readJobLag } from '@gridkeeper/store'
import type { Pool } from 'pg'
import { LOGGER, METRICS, POOL } from '../config/tokens.ts'
import { JobWatch } from './job-watch.ts'
import { createJobMetrics } from './jobs.metrics.ts'

@Module({
  providers: [
    {
      provide: JobWatch,
      inject: [POOL, METRICS, LOGGER],
      useFactory: (pool: Pool, registry: Registry, logger: Logger) =>
        new JobWatch(() => readJobLag(pool), createJobMetrics(registry), logger),
    },
  ],
})
export class JobsModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(@Inject(JobWatch) private readonly watch: JobWatch) {}

  onApplicationBootstrap(): void {
    this.watch.start()
  }

  /** Before the pool is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.watch.stop()
  }
}
