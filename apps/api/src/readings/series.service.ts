import type { Series } from '@gridkeeper/contracts'
import type { Kind, Metric } from '@gridkeeper/domain'
import {
  countReadings,
  lifecycle,
  readRawSeries,
  readRolledSeries,
  rollups,
  type SeriesRow,
  type TimeRange,
} from '@gridkeeper/store'
import type { Pool } from 'pg'
import { haveTooManyRows, intervalMs, maxPoints, planRolled, planSeries } from './series-plan.ts'

const finest = rollups[0]
const keepRawMs = intervalMs(lifecycle.keepReadings)

/**
 * Chooses the table, reads it, and turns its rows into columns. A long range is read from its rollup first, which mostly tells that the raw rows are too many;
 * only where it does not are they counted.
 */
export async function readSeries(
  pool: Pool,
  kind: Kind,
  metrics: readonly Metric[],
  assetId: number,
  range: TimeRange,
  nowMs: number,
): Promise<Series> {
  const rolledMetrics = metrics.filter((metric) => metric.type !== 'boolean')
  const rolledPlan = planRolled(range, nowMs)
  const { rollup, bucketMs } = rolledPlan
  const readRolled = () => readRolledSeries(pool, kind, rolledMetrics, rollup, bucketMs, assetId, range)

  const early = rollup === finest ? null : await readRolled()
  const plan =
    early !== null && haveTooManyRows(early, range, bucketMs)
      ? rolledPlan
      : planSeries(range, await countReadings(pool, kind, assetId, range, maxPoints + 1), nowMs, keepRawMs)
  const head = { assetId, fromMs: range.fromMs, toMs: range.toMs, source: plan.source }
  if (plan.source === 'raw') {
    // Rows that were written since they were counted are left out rather than going over the limit.
    const rows = (await readRawSeries(pool, kind, metrics, assetId, range)).slice(0, maxPoints)
    return { ...head, ...toColumns(rows, metrics, false) }
  }
  return { ...head, ...toColumns(early ?? (await readRolled()), rolledMetrics, true) }
}

function toColumns(rows: readonly SeriesRow[], metrics: readonly Metric[], hasExtremes: boolean) {
  const column = (name: string) => rows.map((row) => toNumber(row[name]))
  return {
    timesMs: rows.map((row) => row.time_ms),
    metrics: Object.fromEntries(
      metrics.map(({ key }) => [
        key,
        hasExtremes
          ? { values: column(key), min: column(`${key}_min`), max: column(`${key}_max`) }
          : { values: column(key) },
      ]),
    ),
  }
}

/** Booleans are drawn as 0 and 1; what no number can say in JSON (NaN, infinities) is unknown. */
function toNumber(value: number | boolean | null | undefined): number | null {
  if (value === null || value === undefined) return null
  return Number.isFinite(Number(value)) ? Number(value) : null
}
