import type { LoadCurve } from '@gridkeeper/contracts'
import type { LoadPoint } from '@gridkeeper/store'

/**
 * Adds up the kinds. Every bucket of the hours before now is there, null where nobody said anything; the running bucket is left out, since its mean would
 * jump with each message.
 */
export function loadRange(hours: number, bucketMs: number, nowMs: number): { fromMs: number; toMs: number } {
  const toMs = Math.floor(nowMs / bucketMs) * bucketMs
  return { fromMs: toMs - hours * 3_600_000, toMs }
}

export function addUpLoad(
  range: { readonly fromMs: number; readonly toMs: number },
  bucketMs: number,
  points: readonly LoadPoint[],
): LoadCurve {
  const sums = new Map<number, number>()
  for (const { timeMs, loadKw } of points) sums.set(timeMs, (sums.get(timeMs) ?? 0) + loadKw)
  const count = Math.round((range.toMs - range.fromMs) / bucketMs)
  const timesMs = Array.from({ length: count }, (_, index) => range.fromMs + index * bucketMs)
  return { bucketMs, timesMs, loadKw: timesMs.map((timeMs) => sums.get(timeMs) ?? null) }
}
