import { Controller, Get, Inject, Res } from '@nestjs/common'
import type { Registry } from '@gridkeeper/service-kit'
import type { Response } from 'express'
import type { Pool } from 'pg'
import { z } from 'zod'
import { BusClient } from '../bus/bus-client.ts'
import { METRICS, POOL } from '../config/tokens.ts'
import { Public } from '../session/session.guard.ts'
import { TwinService } from '../twin/twin.service.ts'
import { Describe } from '../web/describe.ts'
import { ProblemError } from '../web/problem.ts'

const healthSchema = z.object({ status: z.literal('ok') })
const readinessSchema = healthSchema.extend({ bus: z.boolean() })

@Public()
@Controller()
export class HealthController {
  constructor(
    @Inject(TwinService) private readonly twins: TwinService,
    @Inject(BusClient) private readonly bus: BusClient,
    @Inject(POOL) private readonly pool: Pool,
    @Inject(METRICS) private readonly metrics: Registry,
  ) {}

  @Get('healthz')
  @Describe({ summary: 'The process lives', answer: healthSchema })
  health() {
    return { status: 'ok' as const }
  }

  /** Without the bus it still answers, and says on the wall that the feed is down. */
  @Get('readyz')
  @Describe({
    summary: 'It can answer: the twin is loaded, the database is there',
    answer: readinessSchema,
    problems: ['not-ready'],
  })
  async readiness() {
    if (!this.twins.isLoaded) throw new ProblemError('not-ready', 'the twin is not loaded')
    try {
      await this.pool.query('select 1')
    } catch {
      throw new ProblemError('not-ready', 'the database is away')
    }
    return { status: 'ok' as const, bus: this.bus.isUp }
  }

  @Get('metrics')
  @Describe({ summary: 'Prometheus metrics, as text', answer: z.string() })
  async scrape(@Res() response: Response): Promise<void> {
    response.type(this.metrics.contentType).send(await this.metrics.metrics())
  }
}
