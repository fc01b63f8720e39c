import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common'
import {
  deadLetterCountsSchema,
  deadLetterDetailSchema,
  deadLetterListSchema,
  rerunAnswerSchema,
  rerunRequestSchema,
} from '@gridkeeper/contracts'
import type {
  Account,
  DeadLetterCounts,
  DeadLetterDetail,
  DeadLetterList,
  RerunAnswer,
} from '@gridkeeper/contracts'
import { countDeadLetters, findDeadLetter, requestRerun, searchDeadLetters } from '@gridkeeper/store'
import type { Pool } from 'pg'
import { z } from 'zod'
import { CLOCK, POOL, type Clock } from '../config/tokens.ts'
import { requireAdmin, requireDispatcher } from '../session/roles.ts'
import { CurrentAccount } from '../session/session.guard.ts'
import { Describe } from '../web/describe.ts'
import { parse } from '../web/parse.pipe.ts'
import { notFound } from '../web/problem.ts'
import { rangeShape } from '../web/query-schemas.ts'
import { settledRange } from '../web/settled-range.ts'
import { pagePlaceSchema, readPagePlace, writePagePlace } from './page-place.ts'

const idParamsSchema = z.object({ id: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER) })

const word = z.string().min(1).max(256).optional()
const listQuerySchema = z.object({
  ...rangeShape,
  reason: word,
  /** Part of the topic or of the detail, where the device key stands. */
  text: word,
  login: word,
  after: pagePlaceSchema.optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
})
const countsQuerySchema = z.object(rangeShape)

@Controller('api/dead-letters')
export class DeadLettersController {
  constructor(
    @Inject(POOL) private readonly pool: Pool,
    @Inject(CLOCK) private readonly now: Clock,
  ) {}

  @Get()
  @Describe({
    summary: 'Messages that were not taken, newest first; of the last day if no range is given',
    query: listQuerySchema,
    answer: deadLetterListSchema,
    problems: ['bad-request', 'not-allowed'],
  })
  async list(
    @CurrentAccount() account: Account,
    @Query(parse(listQuerySchema)) query: z.infer<typeof listQuerySchema>,
  ): Promise<DeadLetterList> {
    requireDispatcher(account)
    const { reason, text, login, after, limit } = query
    const filter = { reason, text, login, range: settledRange(query, this.now()) }
    const found = await searchDeadLetters(
      this.pool,
      filter,
      limit + 1,
      after === undefined ? null : readPagePlace(after),
    )
    const deadLetters = found.slice(0, limit)
    const last = found.length > limit ? deadLetters.at(-1) : undefined
    return { deadLetters, next: last === undefined ? null : writePagePlace(last) }
  }

  @Get('counts')
  @Describe({
    summary: 'How many messages were not taken, by reason; in the last day if no range is given',
    query: countsQuerySchema,
    answer: deadLetterCountsSchema,
    problems: ['bad-request', 'not-allowed'],
  })
  async counts(
    @CurrentAccount() account: Account,
    @Query(parse(countsQuerySchema)) query: z.infer<typeof countsQuerySchema>,
  ): Promise<DeadLetterCounts> {
    requireDispatcher(account)
    const range = settledRange(query, this.now())
    const reasons = await countDeadLetters(this.pool, range)
    return { ...range, total: reasons.reduce((sum, { count }) => sum + count, 0), reasons }
  }

  @Get(':id')
  @Describe({
    summary: 'One message that was not taken, with its bytes',
    params: idParamsSchema,
    answer: deadLetterDetailSchema,
    problems: ['not-allowed', 'not-found'],
  })
  async read(
    @CurrentAccount() account: Account,
    @Param(parse(idParamsSchema)) { id }: z.infer<typeof idParamsSchema>,
  ): Promise<DeadLetterDetail> {
    requireDispatcher(account)
    const found = await findDeadLetter(this.pool, id)
    if (found === null) throw notFound('dead letter')
    const { bytes, ...letter } = found
    return { ...letter, text: bytes.toString('utf8'), base64: bytes.toString('base64') }
  }

  @Post('rerun')
  @HttpCode(200)
  @Describe({
    summary:
      'Run them again, after what refused them was mended: those whose bytes are whole, at most 10,000 at once',
    body: rerunRequestSchema,
    answer: rerunAnswerSchema,
    problems: ['bad-request', 'not-allowed'],
  })
  async rerun(
    @CurrentAccount() account: Account,
    @Body(parse(rerunRequestSchema)) request: z.infer<typeof rerunRequestSchema>,
  ): Promise<RerunAnswer> {
    requireAdmin(account)
    const { ids, reason, text, login, from, to } = request
    const isRanged = from !== undefined || to !== undefined
    const range = isRanged ? { fromMs: from ?? 0, toMs: to ?? this.now() + 1 } : undefined
    return requestRerun(this.pool, { ids, reason, text, login, range })
  }
}
