import { wrapDeg, type Pose } from './pose.ts'
import { basisOf, groundAt, type Viewport } from './project.ts'

/** What a hand does to a pose; limits are applied by the caller. */
export interface Pixel {
  readonly px: number
  readonly py: number
}

/** Drags the ground: what was under `from` comes under `to`. */
export function panPose(pose: Pose, viewport: Viewport, from: Pixel, to: Pixel): Pose {
  const basis = basisOf(pose)
  const held = groundAt(basis, viewport, from.px, from.py)
  const under = groundAt(basis, viewport, to.px, to.py)
  if (held === null || under === null) return pose
  return { ...pose, x: pose.x + held[0] - under[0], y: pose.y + held[1] - under[1] }
}

/** Comes nearer (factor < 1) or goes away with the ground under the pixel staying there. */
export function zoomPose(pose: Pose, viewport: Viewport, at: Pixel, factor: number): Pose {
  const held = groundAt(basisOf(pose), viewport, at.px, at.py)
  const zoomed = { ...pose, rangeM: pose.rangeM * factor }
  if (held === null) return zoomed
  return { ...zoomed, x: held[0] + (pose.x - held[0]) * factor, y: held[1] + (pose.y - held[1]) * factor }
}

/** Turns about the point looked at. */
export const turnPose = (pose: Pose, headingDeg: number, pitchDeg: number): Pose => ({
  ...pose,
  headingDeg: wrapDeg(pose.headingDeg + headingDeg),
  pitchDeg: pose.pitchDeg + pitchDeg,
})

export type Hand = Pixel

export type Move =
  | {
      readonly before: Pixel
      readonly now: Pixel
      /** The second finger, which held still meanwhile. */
      readonly other: Pixel | null
      readonly turning: boolean
    }
  | { readonly zoomAt: Pixel; readonly factor: number }

const turnDegPerPx = 0.25

/** One move of a hand, a wheel or a key. */
export function movePose(pose: Pose, viewport: Viewport, move: Move): Pose {
  if ('factor' in move) return zoomPose(pose, viewport, move.zoomAt, move.factor)
  const { before, now, other, turning } = move
  if (turning) return turnPose(pose, (now.px - before.px) * turnDegPerPx, (now.py - before.py) * turnDegPerPx)
  if (other === null) return panPose(pose, viewport, before, now)
  const middle = (hand: Pixel) => ({ px: (hand.px + other.px) / 2, py: (hand.py + other.py) / 2 })
  const spread = (hand: Pixel) => Math.max(8, Math.hypot(hand.px - other.px, hand.py - other.py))
  const angle = (hand: Pixel) => (Math.atan2(hand.py - other.py, hand.px - other.px) * 180) / Math.PI
  const panned = panPose(pose, viewport, middle(before), middle(now))
  const zoomed = zoomPose(panned, viewport, middle(now), spread(before) / spread(now))
  const turn = ((angle(now) - angle(before) + 540) % 360) - 180
  return turnPose(zoomed, -turn, 0)
}
