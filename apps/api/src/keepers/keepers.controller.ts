import { Controller, Get, Inject, Param, Query } from '@nestjs/common'
import { keeperDetailSchema, keeperSchema, trackSchema } from '@gridkeeper/contracts'
import type { Account, Keeper, KeeperDetail, Track } from '@gridkeeper/contracts'
import { findKeeper, logTrackAccess, readTrack } from '@gridkeeper/store'
import type { Pool } from 'pg'
import { z } from 'zod'
import { CLOCK, POOL, type Clock } from '../config/tokens.ts'
import { catalogueWithin, isInScope, settledScope } from '../registry/scope.ts'
import { CurrentAccount } from '../session/session.guard.ts'
import type { TwinKeeper } from '../twin/twin-keeper.ts'
import { TwinService } from '../twin/twin.service.ts'
import { Describe } from '../web/describe.ts'
import { parse } from '../web/parse.pipe.ts'
import { notFound } from '../web/problem.ts'
import { gridQuerySchema, idParamsSchema, rangeShape } from '../web/query-schemas.ts'
import { settledRange } from '../web/settled-range.ts'

/** Why the track is looked at: kept with the name of who looked. */
const trackQuerySchema = z.object({ ...rangeShape, purpose: z.string().trim().min(2).max(200) })
const maxFixes = 2_000

@Controller('api/keepers')
export class KeepersController {
  constructor(
    @Inject(TwinService) private readonly twins: TwinService,
    @Inject(POOL) private readonly pool: Pool,
    @Inject(CLOCK) private readonly now: Clock,
  ) {}

  @Get()
  @Describe({ summary: 'Keepers, by grid', query: gridQuerySchema, answer: z.array(keeperSchema) })
  list(
    @CurrentAccount() account: Account,
    @Query(parse(gridQuerySchema)) { grid }: z.infer<typeof gridQuerySchema>,
  ): readonly Keeper[] {
    const { catalogue, tree } = this.twins.twin
    return catalogueWithin(catalogue, settledScope(tree, account, grid)).keepers
  }

  @Get(':id')
  @Describe({
    summary: 'One keeper now',
    params: idParamsSchema,
    answer: keeperDetailSchema,
    problems: ['not-found'],
  })
  async read(
    @CurrentAccount() account: Account,
    @Param(parse(idParamsSchema)) { id }: z.infer<typeof idParamsSchema>,
  ): Promise<KeeperDetail> {
    const { twin } = this.twins
    const entry = this.#visible(account, id)
    const keeper = twin.catalogue.keepers.find((row) => row.id === id)
    const record = await findKeeper(this.pool, id)
    if (keeper === undefined || record === null) throw notFound('keeper')
    const hasPlace = entry.timeMs !== null
    return {
      ...keeper,
      gridPath: twin.tree.namesDown(keeper.gridId),
      phone: record.phone,
      timeMs: entry.timeMs,
      lon: hasPlace ? entry.lon : null,
      lat: hasPlace ? entry.lat : null,
      speedMps: entry.speedMps,
      accuracyM: entry.accuracyM,
      batteryPct: entry.batteryPct,
      onDuty: entry.state === 1,
    }
  }

  @Get(':id/track')
  @Describe({
    summary: 'Where a keeper was; each look is logged with its purpose',
    params: idParamsSchema,
    query: trackQuerySchema,
    answer: trackSchema,
    problems: ['bad-request', 'not-found'],
  })
  async track(
    @CurrentAccount() account: Account,
    @Param(parse(idParamsSchema)) { id }: z.infer<typeof idParamsSchema>,
    @Query(parse(trackQuerySchema)) query: z.infer<typeof trackQuerySchema>,
  ): Promise<Track> {
    this.#visible(account, id)
    const range = settledRange(query, this.now())
    await logTrackAccess(this.pool, { account: account.name, keeperId: id, ...range, purpose: query.purpose })
    const rows = await readTrack(this.pool, id, range, maxFixes)
    return {
      keeperId: id,
      ...range,
      total: rows[0]?.total ?? 0,
      timesMs: rows.map((row) => row.timeMs),
      places: rows.map((row) => [row.lon, row.lat]),
      accuracyM: rows.map((row) => row.accuracyM),
    }
  }

  /** His own line of command only: the account's grid is above the keeper's. */
  #visible(account: Account, id: number): TwinKeeper {
    const { keepers, tree } = this.twins.twin
    const keeper = keepers.get(id)
    if (keeper === undefined || !isInScope(settledScope(tree, account, undefined), keeper.gridId))
      throw notFound('keeper')
    return keeper
  }
}
