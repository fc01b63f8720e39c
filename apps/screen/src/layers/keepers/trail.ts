/** Where a keeper went in the last ten minutes: thinned on the way in, so that its length is bounded whatever the rate of fixes. */
export interface TrailPoint {
  readonly x: number
  readonly y: number
  readonly timeMs: number
}

export const trailMs = 600_000
const thinnedMs = 14_000
/** Points of the longest trail, with the newest and one on each side of every thinning interval. */
export const mostTrailPoints = Math.ceil(trailMs / thinnedMs) + 2

/** The trail with a new fix at its end; the last point follows the keeper until it is old enough to stay. */
export function extendTrail(trail: readonly TrailPoint[], fix: TrailPoint): TrailPoint[] {
  const last = trail.at(-1)
  if (last !== undefined && fix.timeMs < last.timeMs) return [...trail]
  const before = trail.at(-2)
  const isYoung = last !== undefined && before !== undefined && last.timeMs - before.timeMs < thinnedMs
  const kept = isYoung ? trail.slice(0, -1) : trail
  return [...kept, fix].filter(({ timeMs }) => fix.timeMs - timeMs <= trailMs).slice(-mostTrailPoints)
}

/** Opacity of a part of the trail that is so old: full at the keeper, none after ten minutes. */
export const trailAlpha = (ageMs: number): number => {
  const left = Math.min(1, Math.max(0, 1 - ageMs / trailMs))
  return 0.75 * left ** 1.4
}
