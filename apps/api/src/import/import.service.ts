import type { ImportFormat, ImportReport, ImportRequest } from '@gridkeeper/contracts'
import * as store from '@gridkeeper/store'
import type { Upserted } from '@gridkeeper/store'
import type { Pool, PoolClient } from 'pg'
import { parseAssets, parseKeepers } from './parse-csv.ts'
import { parseGrids, parseGround, parseLines } from './parse-geojson.ts'
import { checkParents, GridFinder } from './resolve-grids.ts'
import { sift, siftInTurns, type RowProblem } from './row-check.ts'
import { settleDevices } from './settle-devices.ts'

export interface ImportOutcome {
  readonly report: ImportReport
  /** The catalogue's new version; null: nothing changed. */
  readonly version: number | null
}

/** Rows that may go in, and how. */
interface Plan {
  readonly count: number
  readonly problems: readonly RowProblem[]
  readonly write: (client: PoolClient) => Promise<Upserted>
}

const maxListed = 100

/** Parse, check against what is there, write in one transaction. Throws `FileError` if the text as a whole cannot be read. */
export async function importText(
  pool: Pool,
  { format, text }: ImportRequest,
  account: string,
): Promise<ImportOutcome> {
  const plan = await planners[format](pool, text, account)
  let version: number | null = null
  let upserted: Upserted = { added: new Set(), changed: new Set() }
  if (plan.count > 0) {
    await store.inTransaction(pool, async (client) => {
      await store.lockImports(client)
      upserted = await plan.write(client)
      if (upserted.added.size + upserted.changed.size > 0) version = await store.bumpCatalogueVersion(client)
    })
  }
  const [added, changed] = [upserted.added.size, upserted.changed.size]
  return {
    report: { format, added, changed, unchanged: plan.count - added - changed, ...listed(plan) },
    version,
  }
}

const listed = ({ problems }: Plan) => ({
  rejected: problems.length,
  problems: problems.toSorted((a, b) => a.line - b.line).slice(0, maxListed),
})

const planners: Record<ImportFormat, (pool: Pool, text: string, account: string) => Promise<Plan>> = {
  async grids(pool, text) {
    const { rows, problems } = checkParents(parseGrids(text), await store.loadKnownGrids(pool))
    return { count: rows.length, problems, write: (client) => store.importGrids(client, rows) }
  },
  async lines(pool, text) {
    const grids = new GridFinder(await store.loadKnownGrids(pool))
    const { rows, problems } = sift(parseLines(text), (row) => ({
      ...row,
      gridId: grids.byCode(row.gridCode),
    }))
    return { count: rows.length, problems, write: (client) => store.importLines(client, rows) }
  },
  async ground(_, text) {
    const { rows, problems } = parseGround(text)
    return { count: rows.length, problems, write: (client) => store.importGround(client, rows) }
  },
  async assets(pool, text, account) {
    const grids = new GridFinder(await store.loadKnownGrids(pool))
    const parsed = await settleDevices(pool, await parseAssets(text), 'assetCode')
    const { rows, problems } = await siftInTurns(parsed, (row) => ({
      ...row,
      gridId: row.gridCode === null ? grids.around(row.lon, row.lat) : grids.byCode(row.gridCode),
    }))
    return { count: rows.length, problems, write: (client) => store.importAssets(client, account, rows) }
  },
  async keepers(pool, text, account) {
    const grids = new GridFinder(await store.loadKnownGrids(pool))
    const parsed = await settleDevices(pool, await parseKeepers(text), 'keeperCode')
    const { rows, problems } = sift(parsed, (row) => ({ ...row, gridId: grids.byCode(row.gridCode) }))
    return { count: rows.length, problems, write: (client) => store.importKeepers(client, account, rows) }
  },
}
