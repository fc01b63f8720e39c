import type { Kind, Metric } from '@gridkeeper/domain'
import type { Pool } from 'pg'
import { readingTable, rolledMetrics, rollupView } from './kind-tables.ts'
import type { Rollup } from './lifecycle.ts'

/** Half-open: from ≤ time < to, UTC ms. */
export interface TimeRange {
  readonly fromMs: number
  readonly toMs: number
}

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
       where asset_id = $1 and time >= ${instant(2)} and time < ${instant(3)} limit $4) as counted`,
    [assetId, range.fromMs, range.toMs, limit],
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
     where asset_id = $1 and time >= ${instant(2)} and time < ${instant(3)} order by time, message_id`,
    [assetId, range.fromMs, range.toMs],
  )
  return rows
}

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
): Promise<SeriesRow[]> {
  const rolled = metrics.filter((metric) => rolledMetrics(kind).includes(metric))
  const columns = rolled.flatMap(({ key }) => [
    `(sum(${key}_sum) / nullif(sum(${key}_n), 0))::double precision as ${key}`,
    `min(${key}_min) as ${key}_min`,
    `max(${key}_max) as ${key}_max`,
  ])
  const { rows } = await pool.query<SeriesRow>(
    `select (extract(epoch from bucket) * 1000)::double precision as time_ms${columns.map((column) => `, ${column}`).join('')}
     from (select *, time_bucket(make_interval(secs => $4::double precision / 1000), time) as bucket from ${rollupView(kind, rollup.name)}
       where asset_id = $1 and time > ${instant(2)} - interval '${rollup.bucket}' and time < ${instant(3)}) as bucketed
     group by bucket order by bucket`,
    [assetId, range.fromMs, range.toMs, bucketMs],
  )
  return rows
}

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
