import { rollups, type RolledRow, type Rollup, type TimeRange } from '@gridkeeper/store'

export const maxPoints = 2_000
const dayMs = 86_400_000

/** How long a table keeps its rows, from the words of the lifecycle. */
const unitsMs: Readonly<Record<string, number>> = {
  day: dayMs,
  days: dayMs,
  year: 365.25 * dayMs,
  years: 365.25 * dayMs,
}

export function intervalMs(words: string): number {
  const [count = '', unit = ''] = words.split(' ')
  const unitMs = unitsMs[unit]
  if (unitMs === undefined || !/^\d+$/.test(count))
    throw new Error(`not an interval of days or years: ${words}`)
  return Number(count) * unitMs
}

/** `bucketMs` is the rollup's own, or a multiple of it where even the coarsest has too many. */
export interface RolledPlan {
  readonly source: Rollup['name']
  readonly rollup: Rollup
  readonly bucketMs: number
}
export type SeriesPlan = { readonly source: 'raw' } | RolledPlan

/** Buckets that overlap a half-open range. They start at whole multiples of their length. */
export const bucketCount = ({ fromMs, toMs }: TimeRange, bucketMs: number): number =>
  Math.ceil(toMs / bucketMs) - Math.floor(fromMs / bucketMs)

/**
 * What a series is read from, so that at most {@link maxPoints} points return: the raw rows if they are few enough, otherwise the finest rollup.
 * Where retention has taken the raw rows, or a fine rollup, of the range's start, the next coarser one that still has them.
 */
export function planSeries(range: TimeRange, rawRows: number, nowMs: number, keepRawMs: number): SeriesPlan {
  const isRawGone = nowMs - range.fromMs > keepRawMs && rawRows === 0
  return rawRows <= maxPoints && !isRawGone ? { source: 'raw' } : planRolled(range, nowMs)
}

/** The rollup for a range whose raw rows are too many, or gone. */
export function planRolled(range: TimeRange, nowMs: number): RolledPlan {
  const ageMs = nowMs - range.fromMs
  const fit = rollups.find(
    (rollup) => ageMs <= intervalMs(rollup.keep) && bucketCount(range, rollup.bucketMs) <= maxPoints,
  )
  if (fit) return { source: fit.name, rollup: fit, bucketMs: fit.bucketMs }
  const coarsest = rollups.at(-1)!
  // One bucket more than the division says: the groups need not start where the range does.
  const group = Math.max(1, Math.ceil(bucketCount(range, coarsest.bucketMs) / (maxPoints - 1)))
  return { source: coarsest.name, rollup: coarsest, bucketMs: group * coarsest.bucketMs }
}

/**
 * Whether the buckets say by themselves that the raw rows in the range are too many, so that nobody needs to count them: over a month, counting costs more than
 * the curve. Buckets that reach beyond the range say nothing of the rows in it.
 */
export function haveTooManyRows(
  buckets: readonly Pick<RolledRow, 'time_ms' | 'least_rows'>[],
  { fromMs, toMs }: TimeRange,
  bucketMs: number,
): boolean {
  const inside = buckets.filter(({ time_ms }) => time_ms >= fromMs && time_ms + bucketMs <= toMs)
  return inside.reduce((sum, { least_rows }) => sum + least_rows, 0) > maxPoints
}
