import { Controller, Get, Header, Inject, ServiceUnavailableException } from '@nestjs/common'
import { Gateway } from '../gateway.ts'

/** What an operator's tools ask: alive, ready, figures. */
@Controller()
export class HealthController {
  constructor(@Inject(Gateway) private readonly gateway: Gateway) {}

  @Get('healthz')
  health() {
    return { status: 'ok' }
  }

  /** Ready: the database answers and the intake has room. */
  @Get('readyz')
  async ready() {
    const problem = await this.gateway.findProblem()
    if (problem !== null) throw new ServiceUnavailableException({ status: 'not ready', problem })
    return { status: 'ready' }
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  metrics() {
    return this.gateway.readMetrics()
  }
}
