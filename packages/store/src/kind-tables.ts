import type { Kind, Metric } from '@gridkeeper/domain'
import type { ClientBase } from 'pg'
import { lifecycle, refreshBatchesPerRun, refreshRollupsEvery, rollups, type Rollup } from './lifecycle.ts'
import type { AppendPath } from './pool.ts'

/**
 * A kind's table and rollups follow from its definition: `reading_<kind>` and `reading_<kind>_1m`, `_15m`, `_1h`, `_1d`.
 * Growth only: a new kind gets its tables, a new metric its column (and new rollups, refilled from what raw rows are kept); nothing is ever dropped
 * from a raw table because a definition lost a metric.
 */
export const readingTable = (kind: Kind) => `reading_${kind.key}`
export const rollupView = (kind: Kind, name: Rollup['name']) => `reading_${kind.key}_${name}`

/** Columns before and after the metrics, in the order of every statement that writes a reading. */
export const headColumns = ['asset_id', 'time', 'message_id', 'received_at'] as const
export const tailColumns = ['flags', 'claimed_ms', 'extra'] as const

export const sqlType: Record<Metric['type'], string> = {
  number: 'real',
  integer: 'int',
  boolean: 'boolean',
}

/** A cumulative counter needs more digits than a measured value has. */
export const columnType = (metric: Metric) =>
  metric.cumulative && metric.type === 'number' ? 'double precision' : sqlType[metric.type]

export const rolledMetrics = (kind: Kind) => kind.metrics.filter((metric) => metric.type !== 'boolean')

/** What a bucket keeps of a metric, made from raw rows. */
export const bucketColumns = (key: string) => [
  `sum(${key}::double precision) as ${key}_sum`,
  `count(${key}) as ${key}_n`,
  `min(${key}) as ${key}_min`,
  `max(${key}) as ${key}_max`,
]

export async function ensureKindTables(
  client: ClientBase,
  kinds: readonly Kind[],
  path: AppendPath,
): Promise<void> {
  for (const kind of kinds) {
    const columns = await columnsOf(client, readingTable(kind))
    if (columns.size === 0) await createReadingTable(client, kind)
    for (const metric of kind.metrics) {
      if (columns.size > 0 && !columns.has(metric.key))
        await client.query(`alter table ${readingTable(kind)} add column ${metric.key} ${columnType(metric)}`)
    }
    await ensureRollups(client, kind, path)
  }
}

async function columnsOf(client: ClientBase, relation: string): Promise<Set<string>> {
  const { rows } = await client.query<{ name: string }>(
    `select attname as name from pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped`,
    [relation],
  )
  return new Set(rows.map((row) => row.name))
}

async function createReadingTable(client: ClientBase, kind: Kind): Promise<void> {
  const table = readingTable(kind)
  const metrics = kind.metrics.map((metric) => `${metric.key} ${columnType(metric)},`).join('\n')
  await client.query(`create table ${table} (
    asset_id int not null, time timestamptz not null, message_id bigint not null, received_at timestamptz not null,
    ${metrics}
    flags int not null, claimed_ms double precision, extra jsonb,
    primary key (asset_id, time, message_id))`)
  await client.query(
    `select create_hypertable('${table}', by_range('time', interval '${lifecycle.readingChunk}'), create_default_indexes => false)`,
  )
  await client.query(`alter table ${table} set (timescaledb.compress,
    timescaledb.compress_segmentby = 'asset_id', timescaledb.compress_orderby = 'time desc, message_id')`)
  await client.query(
    `select add_compression_policy('${table}', interval '${lifecycle.compressReadingsAfter}')`,
  )
  await client.query(`select add_retention_policy('${table}', interval '${lifecycle.keepReadings}')`)
}

async function ensureRollups(client: ClientBase, kind: Kind, path: AppendPath): Promise<void> {
  const wanted = rolledMetrics(kind).map((metric) => `${metric.key}_n`)
  const present = await columnsOf(client, rollupView(kind, '1m'))
  if (wanted.every((column) => present.has(column))) return takeTurns(client, kind)
  for (const rollup of rollups.toReversed())
    await client.query(`drop materialized view if exists ${rollupView(kind, rollup.name)}`)
  let finer: Rollup | null = null
  for (const rollup of rollups) {
    await createRollup(client, kind, path, rollup, finer)
    finer = rollup
  }
}

/** Schedules count from here on; all start with a full minute, whichever table was made when. */
const turnOf = ({ refreshAfter }: Rollup) => `date_trunc('minute', now()) + interval '${refreshAfter}'`

/** Rollups made before they took turns (their policies have no fixed schedule) take turns from now on. Whatever an operator has altered since stays. */
async function takeTurns(client: ClientBase, kind: Kind): Promise<void> {
  for (const rollup of rollups)
    await client.query(
      `select alter_job(job_id, schedule_interval => interval '${refreshRollupsEvery}', fixed_schedule => true, initial_start => ${turnOf(rollup)})
       from timescaledb_information.jobs join timescaledb_information.continuous_aggregates
         on jobs.hypertable_name in (view_name, materialization_hypertable_name)
       where proc_name = 'policy_refresh_continuous_aggregate' and view_name = $1
         and not fixed_schedule and schedule_interval in (interval '15 seconds', interval '10 minutes')`,
      [rollupView(kind, rollup.name)],
    )
}

async function createRollup(
  client: ClientBase,
  kind: Kind,
  path: AppendPath,
  rollup: Rollup,
  finer: Rollup | null,
): Promise<void> {
  const view = rollupView(kind, rollup.name)
  const columns = rolledMetrics(kind).flatMap(({ key }) =>
    finer === null
      ? bucketColumns(key)
      : [
          `sum(${key}_sum) as ${key}_sum`,
          `sum(${key}_n)::bigint as ${key}_n`,
          `min(${key}_min) as ${key}_min`,
          `max(${key}_max) as ${key}_max`,
        ],
  )
  const source = finer === null ? readingTable(kind) : rollupView(kind, finer.name)
  await client.query(`create materialized view ${view}
    with (timescaledb.continuous, timescaledb.materialized_only = false) as
    select asset_id, time_bucket('${rollup.bucket}', time) as time, ${columns.join(', ')}
    from ${source} group by 1, 2 with no data`)
  const batches = refreshBatchesPerRun[path]
  const cutting =
    batches === null
      ? 'buckets_per_batch => 0'
      : `buckets_per_batch => ${rollup.bucketsPerBatch}, max_batches_per_execution => ${batches}, refresh_newest_first => false`
  // Never refresh what raw retention has taken away: the bucket would be made anew from the few rows that are left.
  await client.query(`select add_continuous_aggregate_policy('${view}',
    start_offset => interval '${lifecycle.keepReadings}' - interval '2 days', end_offset => interval '${rollup.bucket}',
    schedule_interval => interval '${refreshRollupsEvery}', initial_start => ${turnOf(rollup)}, ${cutting})`)
  await client.query(`select add_retention_policy('${view}', interval '${rollup.keep}')`)
}
