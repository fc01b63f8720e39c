import type { LoadCurve } from '@gridkeeper/contracts'
import type { LoadPoint } from '@gridkeeper/store'

/**
 * Adds up the kinds. Every bucket of the hours before now is there, null where too few spoke; the running bucket is left out, since its mean would
 * jump with each message.
 */
export function loadRange(hours: number, bucketMs: number, nowMs: number): { fromMs: number; toMs: number } {
  const toMs = Math.floor(nowMs / bucketMs) * bucketMs
  return { fromMs: toMs - hours * 3_600_000, toMs }
}

/** A sum over fewer of the assets than this share of the range's best bucket is not the district's load: it is not known then. */
const leastShare = 0.9

export function addUpLoad(
  range: { readonly fromMs: number; readonly toMs: number },
  bucketMs: number,
  points: readonly LoadPoint[],
): LoadCurve {
  const sums = new Map<number, { loadKw: number; assets: number }>()
  for (const { timeMs, loadKw, assets } of points) {
    const sum = sums.get(timeMs)
    sums.set(timeMs, { loadKw: (sum?.loadKw ?? 0) + loadKw, assets: (sum?.assets ?? 0) + assets })
  }
  const enough = leastShare * Math.max(0, ...Array.from(sums.values(), ({ assets }) => assets))
  const count = Math.round((range.toMs - range.fromMs) / bucketMs)
  const timesMs = Array.from({ length: count }, (_, index) => range.fromMs + index * bucketMs)
  const known = (timeMs: number) => {
    const sum = sums.get(timeMs)
    return sum !== undefined && sum.assets >= enough ? sum.loadKw : null
  }
  return { bucketMs, timesMs, loadKw: timesMs.map(known) }
}
