import { basicLogin } from '../running-system.ts'
import { seriesSchema, type RunFile, type Series } from '@gridkeeper/contracts'
import { readRolledSeries, readingTable, type Rollup, type TimeRange } from '@gridkeeper/store'
import type { Kind, Metric } from '@gridkeeper/domain'
import type pg from 'pg'

export interface Curve {
  readonly kind: Kind
  readonly metrics: readonly Metric[]
  readonly assetId: number
  readonly range: TimeRange
}

export async function askApi(run: RunFile, { metrics, assetId, range }: Curve): Promise<Series> {
  const query = `from=${range.fromMs}&to=${range.toMs}&metrics=${metrics.map(({ key }) => key).join()}`
  const response = await fetch(`${run.urls.api}/assets/${assetId}/series?${query}`, {
    headers: { authorization: basicLogin(run) },
  })
  if (!response.ok) throw new Error(`series: ${response.status} ${await response.text()}`)
  return seriesSchema.parse(await response.json())
}

/** The product's own statement. */
export const readRolled = (pool: pg.Pool, rollup: Rollup, { kind, metrics, assetId, range }: Curve) =>
  readRolledSeries(pool, kind, metrics, rollup, rollup.bucketMs, assetId, range)

/** The same columns in the same buckets, made from raw rows. Bounds and buckets are constants, as in the product's own statement. */
export async function readFromRaw(
  pool: pg.Pool,
  rollup: Rollup,
  { kind, metrics, assetId, range }: Curve,
): Promise<Record<string, number>[]> {
  const columns = metrics.map(
    ({ key }) =>
      `avg(${key}::double precision) as ${key}, min(${key}) as ${key}_min, max(${key}) as ${key}_max`,
  )
  const { rows } = await pool.query<Record<string, number>>(
    `select (extract(epoch from bucket) * 1000)::double precision as time_ms, ${columns.join(', ')}
     from (select *, time_bucket(interval '${rollup.bucket}', time) as bucket from ${readingTable(kind)}
       where asset_id = $1 and time >= $2::timestamptz and time < $3::timestamptz) as bucketed
     group by bucket order by bucket`,
    [assetId, new Date(range.fromMs).toISOString(), new Date(range.toMs).toISOString()],
  )
  return rows
}

/** What the database itself takes for the statements of `work`: planning and execution, without making text of the rows, sending and reading them. */
export async function databaseMs(
  pool: pg.Pool,
  work: (explaining: pg.Pool) => Promise<unknown>,
): Promise<number> {
  let sum = 0
  const explaining = {
    query: async (text: string, values: unknown[]) => {
      const { rows } = await pool.query<{ 'QUERY PLAN': [Record<string, number>] }>(
        `explain (analyze, timing off, summary, format json) ${text}`,
        values,
      )
      const [plan] = rows[0]?.['QUERY PLAN'] ?? []
      sum += (plan?.['Planning Time'] ?? NaN) + (plan?.['Execution Time'] ?? NaN)
      return pool.query(text, values)
    },
  }
  await work(explaining as unknown as pg.Pool)
  return sum
}

/** Throws unless both say the same in every bucket but the first, which the range may cut, and the last, which is still growing. */
export function expectSameCurve(
  rolled: readonly Readonly<Record<string, unknown>>[],
  raw: readonly Readonly<Record<string, unknown>>[],
): void {
  const rawAt = new Map(raw.map((row) => [row['time_ms'], row]))
  for (const row of rolled.slice(1, -1)) {
    const other = rawAt.get(row['time_ms'])
    for (const [name, value] of Object.entries(row)) {
      if (name === 'least_rows') continue
      const [a, b] = [Number(value), Number(other?.[name])]
      if (!(Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b))))
        throw new Error(`${name} at ${String(row['time_ms'])}: ${a} from the rollup, ${b} from raw rows`)
    }
  }
}
