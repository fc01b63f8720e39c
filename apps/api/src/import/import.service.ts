import type { ImportFormat, ImportReport, ImportRequest } from '@gridkeeper/contracts'
import * as store from '@gridkeeper/store'
import type { Upserted } from '@gridkeeper/store'
import type { Pool, PoolClient } from 'pg'
import { parseAssets, parseKeepers, type ParsedDevice } from './parse-csv.ts'
import { parseGrids, parseGround, parseLines } from './parse-geojson.ts'
import { checkParents, GridFinder } from './resolve-grids.ts'
import { RowError, sift, siftInTurns, type Parsed, type RowProblem } from './row-check.ts'

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
export async function importText(pool: Pool, { format, text }: ImportRequest): Promise<ImportOutcome> {
  const plan = await planners[format](pool, text)
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

const planners: Record<ImportFormat, (pool: Pool, text: string) => Promise<Plan>> = {
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
  async assets(pool, text) {
    const grids = new GridFinder(await store.loadKnownGrids(pool))
    const parsed = await refuseTakenKeys(pool, await parseAssets(text), 'assetCode')
    const { rows, problems } = await siftInTurns(parsed, (row) => ({
      ...row,
      gridId: row.gridCode === null ? grids.around(row.lon, row.lat) : grids.byCode(row.gridCode),
    }))
    return { count: rows.length, problems, write: (client) => store.importAssets(client, rows) }
  },
  async keepers(pool, text) {
    const grids = new GridFinder(await store.loadKnownGrids(pool))
    const parsed = await refuseTakenKeys(pool, await parseKeepers(text), 'keeperCode')
    const { rows, problems } = sift(parsed, (row) => ({ ...row, gridId: grids.byCode(row.gridCode) }))
    return { count: rows.length, problems, write: (client) => store.importKeepers(client, rows) }
  },
}

/** A device speaks for one asset or keeper: a key that another one has, in the database or earlier in the file, refuses the row. */
async function refuseTakenKeys<Row extends ParsedDevice & { readonly code: string }>(
  pool: Pool,
  parsed: Parsed<Row>,
  owner: keyof store.DeviceOwner,
): Promise<Parsed<Row & { readonly line: number }>> {
  const keys = parsed.rows.flatMap(({ deviceKey }) => deviceKey ?? [])
  const owners = await store.findDeviceOwners(pool, keys)
  const claimed = new Map<string, number>()
  return sift(parsed, (row) => {
    if (row.deviceKey === null) return row
    const known = owners.get(row.deviceKey)
    if (known !== undefined && known[owner] !== row.code)
      throw new RowError(`device ${row.deviceKey} belongs to ${known.assetCode ?? known.keeperCode} already`)
    const line = claimed.get(row.deviceKey)
    if (line !== undefined) throw new RowError(`device ${row.deviceKey} stands in line ${line} already`)
    claimed.set(row.deviceKey, row.line)
    return row
  })
}
