/**
 * Where the camera stands, told by what it looks at: a point of the ground, how far from it, from which side and how steeply. No pose can
 * look at the sky or under the ground, so nobody gets lost.
 */
export interface Pose {
  /** The point looked at, metres east and north in the district's frame. */
  readonly x: number
  readonly y: number
  /** Metres from the camera to that point. */
  readonly rangeM: number
  /** Clockwise from north. */
  readonly headingDeg: number
  /** Below the horizon; 90 looks straight down. */
  readonly pitchDeg: number
}

export interface PoseLimits {
  readonly west: number
  readonly south: number
  readonly east: number
  readonly north: number
  readonly minRangeM: number
  readonly maxRangeM: number
  readonly minPitchDeg: number
  readonly maxPitchDeg: number
}

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value))

export const wrapDeg = (deg: number): number => ((deg % 360) + 360) % 360

/** Signed turn from one heading to another, the short way: −180 < turn ≤ 180. */
export function turnDeg(from: number, to: number): number {
  const turn = wrapDeg(to - from)
  return turn > 180 ? turn - 360 : turn
}

export const clampPose = (pose: Pose, limits: PoseLimits): Pose => ({
  x: clamp(pose.x, limits.west, limits.east),
  y: clamp(pose.y, limits.south, limits.north),
  rangeM: clamp(pose.rangeM, limits.minRangeM, limits.maxRangeM),
  headingDeg: wrapDeg(pose.headingDeg),
  pitchDeg: clamp(pose.pitchDeg, limits.minPitchDeg, limits.maxPitchDeg),
})

const easeInOut = (t: number) => (t < 0.5 ? 4 * t ** 3 : 1 - (2 - 2 * t) ** 3 / 2)

/**
 * The pose at `t` (0…1) of a flight. Ranges go by ratio, so the ground seems to come at an even pace; a flight far across the district
 * rises on the way so that one sees where it goes.
 */
export function poseBetween(from: Pose, to: Pose, t: number): Pose {
  if (t <= 0) return from
  if (t >= 1) return to
  const eased = easeInOut(t)
  const wayM = Math.hypot(to.x - from.x, to.y - from.y)
  const widest = Math.max(from.rangeM, to.rangeM)
  const hop = Math.min(1.5, (0.6 * Math.max(0, wayM - widest)) / widest)
  return {
    x: from.x + (to.x - from.x) * eased,
    y: from.y + (to.y - from.y) * eased,
    rangeM: from.rangeM * (to.rangeM / from.rangeM) ** eased * (1 + hop * 4 * eased * (1 - eased)),
    headingDeg: wrapDeg(from.headingDeg + turnDeg(from.headingDeg, to.headingDeg) * eased),
    pitchDeg: from.pitchDeg + (to.pitchDeg - from.pitchDeg) * eased,
  }
}
