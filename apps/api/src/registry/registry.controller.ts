import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common'
import {
  assetDetailSchema,
  assetSchema,
  catalogueSchema,
  gridSchema,
  lineSchema,
} from '@gridkeeper/contracts'
import type { Account, Asset, AssetDetail, Grid, Line } from '@gridkeeper/contracts'
import { findAsset, listOpenAlarmsOf } from '@gridkeeper/store'
import type { Request, Response } from 'express'
import type { Pool } from 'pg'
import { z } from 'zod'
import { POOL } from '../config/tokens.ts'
import { CurrentAccount } from '../session/session.guard.ts'
import { TwinService } from '../twin/twin.service.ts'
import { Describe } from '../web/describe.ts'
import { parse } from '../web/parse.pipe.ts'
import { notFound } from '../web/problem.ts'
import { gridQuerySchema, idParamsSchema } from '../web/query-schemas.ts'
import { CatalogueCache } from './catalogue-cache.ts'
import { catalogueWithin, isInScope, settledScope } from './scope.ts'

const assetQuerySchema = gridQuerySchema.extend({ kind: z.string().max(64).optional() })

@Controller('api')
export class RegistryController {
  readonly #cache = new CatalogueCache()

  constructor(
    @Inject(TwinService) private readonly twins: TwinService,
    @Inject(POOL) private readonly pool: Pool,
  ) {}

  @Get('catalogue')
  @Describe({ summary: 'Everything that stands still; has an ETag', answer: catalogueSchema })
  async catalogue(@CurrentAccount() account: Account, @Req() request: Request, @Res() response: Response) {
    const { catalogue, tree } = this.twins.twin
    const scope = settledScope(tree, account, undefined)
    const stored = await this.#cache.get(catalogue, scope.root, () => catalogueWithin(catalogue, scope))
    response.set({ ETag: stored.etag, 'Cache-Control': 'private, no-cache', Vary: 'Accept-Encoding' })
    response.type('json')
    if (namesEtag(request.headers['if-none-match'], stored.etag)) return response.status(304).end()
    if (request.acceptsEncodings('gzip') !== 'gzip') return response.end(stored.json)
    return response.set('Content-Encoding', 'gzip').end(stored.gzipped)
  }

  @Get('grids')
  @Describe({ summary: 'The tree of grids', answer: z.array(gridSchema) })
  grids(@CurrentAccount() account: Account): readonly Grid[] {
    return this.#visible(account, undefined).grids
  }

  @Get('lines')
  @Describe({ summary: 'Lines with their towers', query: gridQuerySchema, answer: z.array(lineSchema) })
  lines(
    @CurrentAccount() account: Account,
    @Query(parse(gridQuerySchema)) query: z.infer<typeof gridQuerySchema>,
  ): readonly Line[] {
    return this.#visible(account, query.grid).lines
  }

  @Get('assets')
  @Describe({ summary: 'Assets, by grid and kind', query: assetQuerySchema, answer: z.array(assetSchema) })
  assets(
    @CurrentAccount() account: Account,
    @Query(parse(assetQuerySchema)) { grid, kind }: z.infer<typeof assetQuerySchema>,
  ): readonly Asset[] {
    return this.#visible(account, grid).assets.filter((asset) => kind === undefined || asset.kind === kind)
  }

  @Get('assets/:id')
  @Describe({
    summary: 'One asset now',
    params: idParamsSchema,
    answer: assetDetailSchema,
    problems: ['not-found'],
  })
  async asset(
    @CurrentAccount() account: Account,
    @Param(parse(idParamsSchema)) { id }: z.infer<typeof idParamsSchema>,
  ): Promise<AssetDetail> {
    const { twin } = this.twins
    const entry = twin.assets.get(id)
    if (entry === undefined || !isInScope(settledScope(twin.tree, account, undefined), entry.gridId))
      throw notFound('asset')
    const asset = twin.catalogue.assets.find((row) => row.id === id)
    const record = await findAsset(this.pool, id)
    if (asset === undefined || record === null) throw notFound('asset')
    const openAlarms = await listOpenAlarmsOf(this.pool, id)
    return {
      ...asset,
      ...record,
      gridPath: twin.tree.namesDown(asset.gridId),
      state: entry.state,
      openAlarms,
    }
  }

  #visible(account: Account, grid: number | undefined) {
    const { catalogue, tree } = this.twins.twin
    return catalogueWithin(catalogue, settledScope(tree, account, grid))
  }
}

/** Express' own look gives up where a client says `no-cache`, which means: ask, not: send it anyway. */
const namesEtag = (header: string | undefined, etag: string) =>
  header?.split(',').some((known) => known.trim().replace(/^W\//, '') === etag) ?? false
