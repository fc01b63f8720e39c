import { Controller, Get, Inject, Query } from '@nestjs/common'
import { alarmListSchema, alarmsByHourSchema, type Account, type AlarmsByHour } from '@gridkeeper/contracts'
import { countAlarmsByHour, listAlarms } from '@gridkeeper/store'
import type { Pool } from 'pg'
import { z } from 'zod'
import { CLOCK, POOL, type Clock } from '../config/tokens.ts'
import { gridIdsOf, settledScope } from '../registry/scope.ts'
import { CurrentAccount } from '../session/session.guard.ts'
import { TwinService } from '../twin/twin.service.ts'
import { Describe } from '../web/describe.ts'
import { parse } from '../web/parse.pipe.ts'
import { gridQuerySchema, hoursQuerySchema, rangeShape } from '../web/query-schemas.ts'
import { settledRange } from '../web/settled-range.ts'
import { SharedAnswers } from '../web/shared-answers.ts'
import { fillHours, hoursRange } from './alarms-by-hour.ts'

const alarmQuerySchema = gridQuerySchema.extend({
  ...rangeShape,
  /** Only those that are not cleared. */
  open: z.enum(['true', 'false']).optional(),
})
const maxAlarms = 500

@Controller('api/alarms')
export class AlarmsController {
  readonly #byHour: SharedAnswers<AlarmsByHour>

  constructor(
    @Inject(TwinService) private readonly twins: TwinService,
    @Inject(POOL) private readonly pool: Pool,
    @Inject(CLOCK) private readonly now: Clock,
  ) {
    this.#byHour = new SharedAnswers(5_000, now)
  }

  @Get()
  @Describe({
    summary: 'Alarms, newest first, at most 500; by the time they were raised if from or to is given',
    query: alarmQuerySchema,
    answer: alarmListSchema,
    problems: ['bad-request', 'not-found'],
  })
  async list(
    @CurrentAccount() account: Account,
    @Query(parse(alarmQuerySchema)) query: z.infer<typeof alarmQuerySchema>,
  ): Promise<z.infer<typeof alarmListSchema>> {
    const gridIds = gridIdsOf(settledScope(this.twins.twin.tree, account, query.grid))
    const isRanged = query.from !== undefined || query.to !== undefined
    const range = isRanged ? settledRange(query, this.now()) : null
    return {
      alarms: await listAlarms(this.pool, { gridIds, onlyOpen: query.open === 'true', range }, maxAlarms),
    }
  }

  @Get('by-hour')
  @Describe({
    summary: 'Alarms by the hour they were raised in, the running hour last',
    query: hoursQuerySchema,
    answer: alarmsByHourSchema,
    problems: ['bad-request', 'not-found'],
  })
  byHour(
    @CurrentAccount() account: Account,
    @Query(parse(hoursQuerySchema)) { grid, hours }: z.infer<typeof hoursQuerySchema>,
  ): Promise<AlarmsByHour> {
    const scope = settledScope(this.twins.twin.tree, account, grid)
    const range = hoursRange(hours, this.now())
    return this.#byHour.get(`${scope.root} ${range.fromMs} ${range.toMs}`, async () =>
      fillHours(range, await countAlarmsByHour(this.pool, gridIdsOf(scope), range)),
    )
  }
}
