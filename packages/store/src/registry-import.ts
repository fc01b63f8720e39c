import type { Pool, PoolClient } from 'pg'
import { jsonText, plainArray, textArray } from './array-literal.ts'
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
async function upsert(
  client: PoolClient,
  table: string,
  columns: readonly { readonly name: string; readonly type: string; readonly cells: string }[],
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
    columns.map(({ cells }) => cells),
  )
  return {
    added: new Set(rows.filter((row) => row.is_new).map((row) => row.code)),
    changed: new Set(rows.filter((row) => !row.is_new).map((row) => row.code)),
  }
}

const text = (name: string, cells: Iterable<string | null>) => ({
  name,
  type: 'text',
  cells: textArray(cells),
})
const json = (name: string, cells: readonly unknown[]) => ({
  name,
  type: 'jsonb',
  cells: textArray(cells.map(jsonText)),
})
const number = (name: string, type: 'int' | 'real' | 'double precision', cells: Iterable<number | null>) => ({
  name,
  type,
  cells: plainArray(cells),
})

const withChanged = ({ added, changed }: Upserted, more: Iterable<string>): Upserted => ({
  added,
  changed: new Set([...changed, ...[...more].filter((code) => !added.has(code))]),
})

export async function importGrids(client: PoolClient, rows: readonly GridRow[]): Promise<Upserted> {
  const upserted = await upsert(client, 'grid', [
    text(
      'code',
      rows.map((row) => row.code),
    ),
    text(
      'name',
      rows.map((row) => row.name),
    ),
    text(
      'rank_label',
      rows.map((row) => row.rankLabel),
    ),
    number(
      'households',
      'int',
      rows.map((row) => row.households),
    ),
    json(
      'area',
      rows.map((row) => row.area),
    ),
  ])
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
  upsert(client, 'line', [
    text(
      'code',
      rows.map((row) => row.code),
    ),
    text(
      'name',
      rows.map((row) => row.name),
    ),
    number(
      'voltage_kv',
      'real',
      rows.map((row) => row.voltageKv),
    ),
    text(
      'laying',
      rows.map((row) => row.laying),
    ),
    number(
      'grid_id',
      'int',
      rows.map((row) => row.gridId),
    ),
    json(
      'path',
      rows.map((row) => row.path),
    ),
    json(
      'towers',
      rows.map((row) => row.towers),
    ),
  ])

export const importGround = (client: PoolClient, rows: readonly GroundRow[]): Promise<Upserted> =>
  upsert(client, 'ground_feature', [
    text(
      'code',
      rows.map((row) => row.code),
    ),
    text(
      'name',
      rows.map((row) => row.name),
    ),
    text(
      'class',
      rows.map((row) => row.class),
    ),
    json(
      'paths',
      rows.map((row) => row.paths),
    ),
  ])

export async function importAssets(client: PoolClient, rows: readonly AssetRow[]): Promise<Upserted> {
  const upserted = await upsert(client, 'asset', [
    text(
      'code',
      rows.map((row) => row.code),
    ),
    text(
      'name',
      rows.map((row) => row.name),
    ),
    text(
      'kind',
      rows.map((row) => row.kind),
    ),
    number(
      'lon',
      'double precision',
      rows.map((row) => row.lon),
    ),
    number(
      'lat',
      'double precision',
      rows.map((row) => row.lat),
    ),
    number(
      'grid_id',
      'int',
      rows.map((row) => row.gridId),
    ),
    json(
      'attributes',
      rows.map((row) => row.attributes),
    ),
  ])
  return withChanged(upserted, await assignDevices(client, 'asset', rows))
}

export async function importKeepers(client: PoolClient, rows: readonly KeeperRow[]): Promise<Upserted> {
  const upserted = await upsert(client, 'keeper', [
    text(
      'code',
      rows.map((row) => row.code),
    ),
    text(
      'name',
      rows.map((row) => row.name),
    ),
    text(
      'post',
      rows.map((row) => row.post),
    ),
    text(
      'phone',
      rows.map((row) => row.phone),
    ),
    number(
      'grid_id',
      'int',
      rows.map((row) => row.gridId),
    ),
  ])
  return withChanged(upserted, await assignDevices(client, 'keeper', rows))
}
