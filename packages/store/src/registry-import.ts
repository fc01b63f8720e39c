import type { Pool, PoolClient } from 'pg'
import { columnArray, type Target } from './append-rows.ts'
import { jsonText, textArray } from './array-literal.ts'
import { assignDevices, type DeviceClaim } from './device-claims.ts'

/** What stands in the database already, as far as an import refers to it. */
export interface KnownGrid {
  readonly id: number
  readonly code: string
  readonly parentCode: string | null
  /** MultiPolygon coordinates. */
  readonly area: [number, number][][][] | null
}

export async function loadKnownGrids(pool: Pool): Promise<KnownGrid[]> {
  const { rows } = await pool.query<KnownGrid>(
    `select grid.id, grid.code, parent.code as "parentCode", grid.area
     from grid left join grid parent on parent.id = grid.parent_id order by grid.id`,
  )
  return rows
}

export interface GridRow {
  readonly code: string
  readonly name: string
  readonly rankLabel: string | null
  readonly parentCode: string | null
  readonly households: number | null
  readonly area: unknown
}
export interface LineRow {
  readonly code: string
  readonly name: string
  readonly voltageKv: number
  readonly laying: string
  readonly gridId: number | null
  readonly path: unknown
  readonly towers: unknown
}
export interface GroundRow {
  readonly code: string
  readonly name: string | null
  readonly class: string
  readonly paths: unknown
}
export interface AssetRow extends DeviceClaim {
  readonly name: string
  readonly kind: string
  readonly lon: number
  readonly lat: number
  readonly gridId: number | null
  readonly attributes: Readonly<Record<string, string>>
}
export interface KeeperRow extends DeviceClaim {
  readonly name: string
  readonly post: string
  readonly phone: string | null
  readonly gridId: number | null
}

/** Codes of rows that are new, and of rows that now say something else. */
export interface Upserted {
  readonly added: ReadonlySet<string>
  readonly changed: ReadonlySet<string>
}

const importLock = 7_265_002

/** Imports take turns, across processes too. Inside the transaction. */
export async function lockImports(client: PoolClient): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1)', [importLock])
}

export async function bumpCatalogueVersion(client: PoolClient): Promise<number> {
  const { rows } = await client.query<{ version: number }>(
    'update catalogue_version set version = version + 1 returning version',
  )
  return rows[0]?.version ?? 0
}

/** One statement: new codes are inserted, known ones updated only where something differs. A new row has no xmax. */
async function upsert<Row>(
  client: PoolClient,
  { table, columns }: Target<Row>,
  given: readonly Row[],
): Promise<Upserted> {
  const names = columns.map(({ name }) => name)
  const rest = names.filter((name) => name !== 'code')
  const { rows } = await client.query<{ code: string; is_new: boolean }>(
    `insert into ${table} (${names.join(', ')})
     select ${names.join(', ')} from unnest(${columns.map(({ type }, i) => `$${i + 1}::${type}[]`).join(', ')})
       as row (${names.join(', ')})
     on conflict (code) do update set ${rest.map((name) => `${name} = excluded.${name}`).join(', ')}
     where (${rest.map((name) => `${table}.${name}`).join(', ')}) is distinct from
       (${rest.map((name) => `excluded.${name}`).join(', ')})
     returning code, xmax = 0 as is_new`,
    columns.map((column) => columnArray(column, given)),
  )
  return {
    added: new Set(rows.filter((row) => row.is_new).map((row) => row.code)),
    changed: new Set(rows.filter((row) => !row.is_new).map((row) => row.code)),
  }
}

const gridTarget: Target<GridRow> = {
  table: 'grid',
  columns: [
    { name: 'code', type: 'text', cell: (row) => row.code },
    { name: 'name', type: 'text', cell: (row) => row.name },
    { name: 'rank_label', type: 'text', cell: (row) => row.rankLabel },
    { name: 'households', type: 'int', cell: (row) => row.households },
    { name: 'area', type: 'jsonb', cell: (row) => jsonText(row.area) },
  ],
}

const lineTarget: Target<LineRow> = {
  table: 'line',
  columns: [
    { name: 'code', type: 'text', cell: (row) => row.code },
    { name: 'name', type: 'text', cell: (row) => row.name },
    { name: 'voltage_kv', type: 'real', cell: (row) => row.voltageKv },
    { name: 'laying', type: 'text', cell: (row) => row.laying },
    { name: 'grid_id', type: 'int', cell: (row) => row.gridId },
    { name: 'path', type: 'jsonb', cell: (row) => jsonText(row.path) },
    { name: 'towers', type: 'jsonb', cell: (row) => jsonText(row.towers) },
  ],
}

const groundTarget: Target<GroundRow> = {
  table: 'ground_feature',
  columns: [
    { name: 'code', type: 'text', cell: (row) => row.code },
    { name: 'name', type: 'text', cell: (row) => row.name },
    { name: 'class', type: 'text', cell: (row) => row.class },
    { name: 'paths', type: 'jsonb', cell: (row) => jsonText(row.paths) },
  ],
}

const assetTarget: Target<AssetRow> = {
  table: 'asset',
  columns: [
    { name: 'code', type: 'text', cell: (row) => row.code },
    { name: 'name', type: 'text', cell: (row) => row.name },
    { name: 'kind', type: 'text', cell: (row) => row.kind },
    { name: 'lon', type: 'double precision', cell: (row) => row.lon },
    { name: 'lat', type: 'double precision', cell: (row) => row.lat },
    { name: 'grid_id', type: 'int', cell: (row) => row.gridId },
    { name: 'attributes', type: 'jsonb', cell: (row) => jsonText(row.attributes) },
  ],
}

const keeperTarget: Target<KeeperRow> = {
  table: 'keeper',
  columns: [
    { name: 'code', type: 'text', cell: (row) => row.code },
    { name: 'name', type: 'text', cell: (row) => row.name },
    { name: 'post', type: 'text', cell: (row) => row.post },
    { name: 'phone', type: 'text', cell: (row) => row.phone },
    { name: 'grid_id', type: 'int', cell: (row) => row.gridId },
  ],
}

const withChanged = ({ added, changed }: Upserted, more: Iterable<string>): Upserted => ({
  added,
  changed: new Set([...changed, ...[...more].filter((code) => !added.has(code))]),
})

export async function importGrids(client: PoolClient, rows: readonly GridRow[]): Promise<Upserted> {
  const upserted = await upsert(client, gridTarget, rows)
  // Parents by code, once all rows are there: the order within a file does not matter.
  const moved = await client.query<{ code: string }>(
    `update grid set parent_id = parent.id
     from unnest($1::text[], $2::text[]) as row (code, parent_code) left join grid parent on parent.code = row.parent_code
     where grid.code = row.code and grid.parent_id is distinct from parent.id returning grid.code`,
    [textArray(rows.map((row) => row.code)), textArray(rows.map((row) => row.parentCode))],
  )
  return withChanged(
    upserted,
    moved.rows.map(({ code }) => code),
  )
}

export const importLines = (client: PoolClient, rows: readonly LineRow[]): Promise<Upserted> =>
  upsert(client, lineTarget, rows)

export const importGround = (client: PoolClient, rows: readonly GroundRow[]): Promise<Upserted> =>
  upsert(client, groundTarget, rows)

export async function importAssets(
  client: PoolClient,
  account: string,
  rows: readonly AssetRow[],
): Promise<Upserted> {
  const upserted = await upsert(client, assetTarget, rows)
  return withChanged(upserted, await assignDevices(client, account, 'asset', rows))
}

export async function importKeepers(
  client: PoolClient,
  account: string,
  rows: readonly KeeperRow[],
): Promise<Upserted> {
  const upserted = await upsert(client, keeperTarget, rows)
  return withChanged(upserted, await assignDevices(client, account, 'keeper', rows))
}
