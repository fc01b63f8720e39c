import { Controller, Get, Inject, Param, Query } from '@nestjs/common'
import {
  loadCurveSchema,
  seriesSchema,
  type Account,
  type LoadCurve,
  type Series,
} from '@gridkeeper/contracts'
import { findKind, kinds, type Kind } from '@gridkeeper/domain'
import { readLoad, rollups, type Rollup } from '@gridkeeper/store'
import type { Pool } from 'pg'
import { z } from 'zod'
import { CLOCK, POOL, type Clock } from '../config/tokens.ts'
import { isInScope, settledScope, type Scope } from '../registry/scope.ts'
import { CurrentAccount } from '../session/session.guard.ts'
import { TwinService } from '../twin/twin.service.ts'
import { Describe } from '../web/describe.ts'
import { parse } from '../web/parse.pipe.ts'
import { notFound, ProblemError } from '../web/problem.ts'
import { hoursQuerySchema, idParamsSchema, rangeShape } from '../web/query-schemas.ts'
import { settledRange } from '../web/settled-range.ts'
import { SharedAnswers } from '../web/shared-answers.ts'
import { addUpLoad, loadRange } from './load-curve.ts'
import { readSeries } from './series.service.ts'

const seriesQuerySchema = z.object({
  ...rangeShape,
  /** Keys with commas between them; absent = all of the kind. */
  metrics: z.string().max(1_000).optional(),
})

const loadRollup = rollups.find(({ name }) => name === '15m') as Rollup
type LoadKind = Kind & { readonly loadMetric: string }
const loadKinds = kinds.filter((kind): kind is LoadKind => kind.loadMetric !== undefined)

@Controller('api')
export class ReadingsController {
  readonly #loads: SharedAnswers<LoadCurve>

  constructor(
    @Inject(TwinService) private readonly twins: TwinService,
    @Inject(POOL) private readonly pool: Pool,
    @Inject(CLOCK) private readonly now: Clock,
  ) {
    this.#loads = new SharedAnswers(10_000, now)
  }

  @Get('assets/:id/series')
  @Describe({
    summary: 'Series of one asset: raw rows, or the finest rollup with at most 2,000 points',
    params: idParamsSchema,
    query: seriesQuerySchema,
    answer: seriesSchema,
    problems: ['bad-request', 'not-found'],
  })
  series(
    @CurrentAccount() account: Account,
    @Param(parse(idParamsSchema)) { id }: z.infer<typeof idParamsSchema>,
    @Query(parse(seriesQuerySchema)) query: z.infer<typeof seriesQuerySchema>,
  ): Promise<Series> {
    const { twin } = this.twins
    const asset = twin.assets.get(id)
    if (asset === undefined || !isInScope(settledScope(twin.tree, account, undefined), asset.gridId))
      throw notFound('asset')
    const kind = findKind(asset.kindKey)
    if (kind === undefined) throw notFound('kind')
    const range = settledRange(query, this.now())
    return readSeries(this.pool, kind, chosenMetrics(kind, query.metrics), id, range, this.now())
  }

  @Get('load')
  @Describe({
    summary: 'Load of a grid by quarters of an hour, without the running one',
    query: hoursQuerySchema,
    answer: loadCurveSchema,
    problems: ['bad-request', 'not-found'],
  })
  load(
    @CurrentAccount() account: Account,
    @Query(parse(hoursQuerySchema)) { grid, hours }: z.infer<typeof hoursQuerySchema>,
  ): Promise<LoadCurve> {
    const scope = settledScope(this.twins.twin.tree, account, grid)
    const range = loadRange(hours, loadRollup.bucketMs, this.now())
    return this.#loads.get(`${scope.root} ${range.fromMs} ${range.toMs}`, () => this.#readLoad(scope, range))
  }

  async #readLoad(scope: Scope, range: { fromMs: number; toMs: number }): Promise<LoadCurve> {
    const points = []
    for (const kind of loadKinds) {
      const isWanted = (asset: { kindKey: string; gridId: number | null }) =>
        asset.kindKey === kind.key && isInScope(scope, asset.gridId)
      const ids =
        scope.gridIds === null
          ? null
          : [...this.twins.twin.assets.values()].filter(isWanted).map(({ id }) => id)
      points.push(...(await readLoad(this.pool, kind, loadRollup, range, ids)))
    }
    return addUpLoad(range, loadRollup.bucketMs, points)
  }
}

function chosenMetrics(kind: Kind, keys: string | undefined) {
  if (keys === undefined) return kind.metrics
  const wanted = keys.split(',')
  const unknown = wanted.filter((key) => !kind.metrics.some((metric) => metric.key === key))
  if (unknown.length > 0)
    throw new ProblemError('bad-request', `${kind.key} has no such metric`, { details: unknown })
  return kind.metrics.filter(({ key }) => wanted.includes(key))
}
