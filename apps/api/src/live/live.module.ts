import { Module } from '@nestjs/common'
import type { Registry } from '@gridkeeper/service-kit'
import { METRICS } from '../config/tokens.ts'
import { SessionModule } from '../session/session.module.ts'
import { LiveGateway } from './live.gateway.ts'
import { createLiveMetrics, LIVE_METRICS } from './live.metrics.ts'

@Module({
  imports: [SessionModule],
  providers: [
    LiveGateway,
    {
      provide: LIVE_METRICS,
      inject: [METRICS],
      useFactory: (registry: Registry) => createLiveMetrics(registry),
    },
  ],
})
export class LiveModule {}
