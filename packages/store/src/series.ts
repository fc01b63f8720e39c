import type { Kind, Metric } from '@gridkeeper/domain'
import type { Pool } from 'pg'
import { bucketColumns, readingTable, rolledMetrics, rollupView } from './kind-tables.ts'
import type { Rollup } from './lifecycle.ts'

/** Half-open: from ≤ time < to, UTC ms. */
export interface TimeRange {
  readonly fromMs: number
  readonly toMs: number
}

const lastMs = Date.UTC(9999, 11, 31)
/**
 * For a parameter that is compared with `time` as it is: chunks beyond the bounds are left out before they are planned, which for a month of days is half of the
 * planning. Later than any row can be, all times are the same (and JavaScript writes years of five digits in a way of its own).
 */
const timestamp = (ms: number) => new Date(Math.min(ms, lastMs)).toISOString()
const instant = (parameter: number) => `to_timestamp($${parameter}::double precision / 1000)`
const milliseconds = '(extract(epoch from time) * 1000)::double precision as time_ms'

/** Raw rows in the range, counted no further than `limit`. */
export async function countReadings(
  pool: Pool,
  kind: Kind,
  assetId: number,
  range: TimeRange,
  limit: number,
): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int as count from (select from ${readingTable(kind)}
       where asset_id = $1 and time >= $2::timestamptz and time < $3::timestamptz limit $4) as counted`,
    [assetId, timestamp(range.fromMs), timestamp(range.toMs), limit],
  )
  return rows[0]?.count ?? 0
}

/** One row a point: the time, then what the caller's columns say. */
export type SeriesRow = Readonly<Record<string, number | boolean | null>> & { readonly time_ms: number }

export async function readRawSeries(
  pool: Pool,
  kind: Kind,
  metrics: readonly Metric[],
  assetId: number,
  range: TimeRange,
): Promise<SeriesRow[]> {
  const { rows } = await pool.query<SeriesRow>(
    `select ${[milliseconds, ...metrics.map((metric) => metric.key)].join(', ')} from ${readingTable(kind)}
     where asset_id = $1 and time >= $2::timestamptz and time < $3::timestamptz order by time, message_id`,
    [assetId, timestamp(range.fromMs), timestamp(range.toMs)],
  )
  return rows
}

/** `least_rows`: at least so many raw rows are behind the bucket. It may be more: no metric is in all rows. */
export type RolledRow = SeriesRow & { readonly least_rows: number }

/**
 * Means with extremes: columns `<metric>`, `<metric>_min`, `<metric>_max`. A bucket that overlaps the range counts as a whole. `bucketMs` is the rollup's own
 * or a multiple of it, for ranges that even the coarsest rollup has too many buckets for.
 */
export async function readRolledSeries(
  pool: Pool,
  kind: Kind,
  metrics: readonly Metric[],
  rollup: Rollup,
  bucketMs: number,
  assetId: number,
  range: TimeRange,
): Promise<RolledRow[]> {
  const rolled = metrics.filter((metric) => rolledMetrics(kind).includes(metric))
  const select = bucketMs === rollup.bucketMs ? ownBuckets : groupedBuckets(bucketMs)
  // What is asked for tells of the rows, too; less to plan than all metrics of the kind.
  const needed = rolled.length > 0 ? rolled : rolledMetrics(kind)
  const counts = needed.map(({ key }) => `${key}_n`)
  const columns = [...select.head(counts), ...rolled.flatMap(({ key }) => select.columns(key))]
  const made = await findMade(pool, kind, rollup)
  const fromMs = Math.floor(range.fromMs / rollup.bucketMs) * rollup.bucketMs
  const toMs = Math.ceil(range.toMs / rollup.bucketMs) * rollup.bucketMs
  const madeToMs = Math.min(Math.max(made.toMs, fromMs), toMs)
  // By name on both sides: a definition that lost a metric leaves its columns in the table.
  const kept = needed.flatMap(({ key }) => [`${key}_sum`, `${key}_n`, `${key}_min`, `${key}_max`])
  const fresh = needed.flatMap(({ key }) => bucketColumns(key))
  const { rows } = await pool.query<RolledRow>(
    `select ${columns.join(', ')} from (
       select time, ${kept.join(', ')} from ${made.table}
       where asset_id = $1 and time >= $2::timestamptz and time < $3::timestamptz
       union all
       select time_bucket('${rollup.bucket}', time) as time, ${fresh.join(', ')} from ${readingTable(kind)}
       where asset_id = $1 and time >= $3::timestamptz and time < $4::timestamptz group by 1
     ) as bucket ${select.order}`,
    [assetId, timestamp(fromMs), timestamp(madeToMs), timestamp(toMs)],
  )
  return rows
}

/**
 * The table that a rollup's buckets are made into, and until when they are. The view says the same, with what is not made yet from the next finer view, and so
 * on down to the raw rows; planning these four is about half of what the database does for a month. A time read before the buckets is as good:
 * what is made only grows.
 */
async function findMade(
  pool: Pool,
  kind: Kind,
  rollup: Rollup,
): Promise<{ readonly table: string; readonly toMs: number }> {
  const { rows } = await pool.query<{ table: string; toMs: number }>(
    `select format('%I.%I', schema_name, table_name) as table,
       (extract(epoch from _timescaledb_functions.to_timestamp(_timescaledb_functions.cagg_watermark(mat_hypertable_id))) * 1000)::double precision as "toMs"
     from _timescaledb_catalog.continuous_agg join _timescaledb_catalog.hypertable on hypertable.id = mat_hypertable_id
     where user_view_schema = any (current_schemas(false)) and user_view_name = $1`,
    [rollupView(kind, rollup.name)],
  )
  const [made] = rows
  if (made === undefined) throw new Error(`no rollup ${rollupView(kind, rollup.name)}`)
  return made
}

interface BucketSelect {
  head(counts: readonly string[]): string[]
  columns(key: string): string[]
  readonly order: string
}

/** The rollup's rows as they are. */
const ownBuckets: BucketSelect = {
  head: (counts) => [milliseconds, `greatest(${counts.join(', ')})::double precision as least_rows`],
  columns: (key) => [`${key}_sum / nullif(${key}_n, 0) as ${key}`, `${key}_min`, `${key}_max`],
  order: 'order by time',
}

const groupedBuckets = (bucketMs: number): BucketSelect => ({
  head: (counts) => [
    `(extract(epoch from time_bucket(interval '${bucketMs} milliseconds', time)) * 1000)::double precision as time_ms`,
    `sum(greatest(${counts.join(', ')}))::double precision as least_rows`,
  ],
  columns: (key) => [
    `(sum(${key}_sum) / nullif(sum(${key}_n), 0))::double precision as ${key}`,
    `min(${key}_min) as ${key}_min`,
    `max(${key}_max) as ${key}_max`,
  ],
  order: 'group by time_ms order by time_ms',
})

export interface LoadPoint {
  readonly timeMs: number
  readonly loadKw: number
  /** Assets that the sum is made of. */
  readonly assets: number
}

/** Sum over assets of their bucket means. `assetIds` null: all assets of the kind. */
export async function readLoad(
  pool: Pool,
  kind: Kind & { readonly loadMetric: string },
  rollup: Rollup,
  range: TimeRange,
  assetIds: readonly number[] | null,
): Promise<LoadPoint[]> {
  const metric = kind.loadMetric
  const { rows } = await pool.query<LoadPoint>(
    `select (extract(epoch from time) * 1000)::double precision as "timeMs", sum(${metric}_sum / ${metric}_n)::double precision as "loadKw",
       count(*)::int as assets
     from ${rollupView(kind, rollup.name)}
     where time >= ${instant(1)} and time < ${instant(2)} and ${metric}_n > 0 and ($3::int[] is null or asset_id = any($3))
     group by time order by time`,
    [range.fromMs, range.toMs, assetIds],
  )
  return rows
}

export interface TrackRow {
  readonly timeMs: number
  readonly lon: number
  readonly lat: number
  readonly accuracyM: number | null
  /** Fixes in the range before thinning. */
  readonly total: number
}

/** Thinned by an even stride to at most `limit` fixes; the first and the last are always there. */
export async function readTrack(
  pool: Pool,
  keeperId: number,
  range: TimeRange,
  limit: number,
): Promise<TrackRow[]> {
  const { rows } = await pool.query<TrackRow>(
    `select (extract(epoch from time) * 1000)::double precision as "timeMs", lon, lat, accuracy_m as "accuracyM", total
     from (select time, lon, lat, accuracy_m, row_number() over (order by time, message_id) as place, count(*) over ()::int as total
       from fix where keeper_id = $1 and time >= ${instant(2)} and time < ${instant(3)}) as numbered
     where place = total or (place - 1) % greatest(1, ceil(total::double precision / ($4::int - 1))::bigint) = 0
     order by place`,
    [keeperId, range.fromMs, range.toMs, limit],
  )
  return rows
}
