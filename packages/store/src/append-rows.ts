import type { ClientBase } from 'pg'
import { plainArray, textArray, timestamp, type Cell } from './array-literal.ts'
import { copyBytes } from './copy-bytes.ts'
import { CopyQuery } from './copy-query.ts'
import type { AppendPath } from './pool.ts'

/** How one column of a table is filled from a row. `time` cells are UTC ms, `json` and `text` cells are strings. */
export interface Column<Row> {
  readonly name: string
  readonly type: 'int' | 'bigint' | 'real' | 'double precision' | 'boolean' | 'text' | 'jsonb' | 'time'
  readonly cell: (row: Row) => Cell
}

export interface Target<Row> {
  readonly table: string
  readonly columns: readonly Column<Row>[]
}

/**
 * Appends rows inside the caller's transaction; answers how many were new.
 *
 * - `unnest`  skips those whose key is there already
 * - `copy`    several times faster on a native server, and fails with a unique violation if one is: the transaction is lost, and its batch goes again by `unnest`
 */
export async function appendRows<Row>(
  client: ClientBase,
  path: AppendPath,
  target: Target<Row>,
  rows: readonly Row[],
): Promise<number> {
  if (rows.length === 0) return 0
  if (path === 'unnest') return insertRows(client, target, rows)
  await copyRows(client, target, rows)
  return rows.length
}

async function insertRows<Row>(
  client: ClientBase,
  target: Target<Row>,
  rows: readonly Row[],
): Promise<number> {
  const result = await client.query({
    name: `append-${target.table}`,
    text: insertStatement(target),
    values: target.columns.map((column) => columnArray(column, rows)),
  })
  return result.rowCount ?? 0
}

const statements = new WeakMap<Target<never>, string>()

function insertStatement<Row>(target: Target<Row>): string {
  const known = statements.get(target)
  if (known !== undefined) return known
  const names = target.columns.map((column) => column.name).join(', ')
  const selected = target.columns.map(({ name, type }) => (type === 'time' ? timestamp(name) : name))
  const arrays = target.columns.map(({ type }, index) => `$${index + 1}::${arrayType[type]}[]`)
  const text = `insert into ${target.table} (${names}) select ${selected.join(', ')}
    from unnest(${arrays.join(', ')}) as row (${names}) on conflict do nothing`
  statements.set(target, text)
  return text
}

const arrayType: Record<Column<never>['type'], string> = {
  int: 'int',
  bigint: 'bigint',
  real: 'real',
  'double precision': 'double precision',
  boolean: 'boolean',
  text: 'text',
  jsonb: 'jsonb',
  time: 'double precision',
}

const isQuoted = (type: Column<never>['type']) => type === 'text' || type === 'jsonb'

export function columnArray<Row>({ type, cell }: Column<Row>, rows: readonly Row[]): string {
  const cells = rows.map(cell)
  return isQuoted(type) ? textArray(cells as (string | null)[]) : plainArray(cells as (number | null)[])
}

async function copyRows<Row>(client: ClientBase, target: Target<Row>, rows: readonly Row[]): Promise<void> {
  const names = target.columns.map((column) => column.name).join(', ')
  const text = `copy ${target.table} (${names}) from stdin (format binary)`
  await client.query(new CopyQuery(text, copyBytes(target.columns, rows))).done
}
