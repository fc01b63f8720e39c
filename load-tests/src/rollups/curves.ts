import { basicLogin } from '../running-system.ts'
import { seriesSchema, type RunFile, type Series } from '@gridkeeper/contracts'
import { readRolledSeries, readingTable, rolledMetrics, type Rollup, type TimeRange } from '@gridkeeper/store'
import type { Kind } from '@gridkeeper/domain'
import type pg from 'pg'

/** What the screen asks for. */
export async function askApi(run: RunFile, assetId: number, { fromMs, toMs }: TimeRange): Promise<Series> {
  const response = await fetch(`${run.urls.api}/assets/${assetId}/series?from=${fromMs}&to=${toMs}`, {
    headers: { authorization: basicLogin(run) },
  })
  if (!response.ok) throw new Error(`series: ${response.status} ${await response.text()}`)
  return seriesSchema.parse(await response.json())
}

/** The product's own statement. */
export const readRolled = (pool: pg.Pool, kind: Kind, rollup: Rollup, assetId: number, range: TimeRange) =>
  readRolledSeries(pool, kind, rolledMetrics(kind), rollup, rollup.bucketMs, assetId, range)

/** The same columns in the same buckets, made from raw rows. */
export async function readFromRaw(
  pool: pg.Pool,
  kind: Kind,
  rollup: Rollup,
  assetId: number,
  range: TimeRange,
) {
  const columns = rolledMetrics(kind).map(
    ({ key }) =>
      `avg(${key}::double precision) as ${key}, min(${key}) as ${key}_min, max(${key}) as ${key}_max`,
  )
  const { rows } = await pool.query<Record<string, number>>(
    `select (extract(epoch from bucket) * 1000)::double precision as time_ms, ${columns.join(', ')}
     from (select *, time_bucket(interval '${rollup.bucket}', time) as bucket from ${readingTable(kind)}
       where asset_id = $1 and time >= to_timestamp($2::double precision / 1000) and time < to_timestamp($3::double precision / 1000)) as bucketed
     group by bucket order by bucket`,
    [assetId, range.fromMs, range.toMs],
  )
  return rows
}
