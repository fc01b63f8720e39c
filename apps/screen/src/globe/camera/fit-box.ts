import type { Pose } from './pose.ts'
import { basisOf, groundAt, project, type Viewport } from './project.ts'

/** Parts of the screen that panels cover, CSS pixels. */
export interface Insets {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

interface Bounds {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

function boundsOf(
  corners: readonly (readonly [number, number])[],
  pose: Pose,
  viewport: Viewport,
): Bounds | null {
  const basis = basisOf(pose)
  let left = Infinity
  let right = -Infinity
  let top = Infinity
  let bottom = -Infinity
  for (const [x, y] of corners) {
    const at = project(basis, viewport, x, y, basis.targetZ)
    if (at === null) return null
    left = Math.min(left, at.px)
    right = Math.max(right, at.px)
    top = Math.min(top, at.py)
    bottom = Math.max(bottom, at.py)
  }
  return { left, right, top, bottom }
}

/** Looks at the middle of the corners so that they stand in the middle of the free part of the screen. */
function centred(
  corners: readonly (readonly [number, number])[],
  start: Pose,
  viewport: Viewport,
  insets: Insets,
): Pose {
  let pose = start
  const freeX = (insets.left + viewport.width - insets.right) / 2
  const freeY = (insets.top + viewport.height - insets.bottom) / 2
  for (let i = 0; i < 8; i++) {
    const bounds = boundsOf(corners, pose, viewport)
    if (bounds === null) break
    const basis = basisOf(pose)
    const from = groundAt(basis, viewport, (bounds.left + bounds.right) / 2, (bounds.top + bounds.bottom) / 2)
    const to = groundAt(basis, viewport, freeX, freeY)
    if (from === null || to === null) break
    pose = { ...pose, x: pose.x + from[0] - to[0], y: pose.y + from[1] - to[1] }
  }
  return pose
}

const fits = (bounds: Bounds | null, viewport: Viewport, insets: Insets) =>
  bounds !== null &&
  bounds.left >= insets.left &&
  bounds.right <= viewport.width - insets.right &&
  bounds.top >= insets.top &&
  bounds.bottom <= viewport.height - insets.bottom

/** The nearest pose, at the given heading and pitch, from which all corners stand in the free part of the screen. */
export function fitPose(
  corners: readonly (readonly [x: number, y: number])[],
  viewport: Viewport,
  insets: Insets,
  angle: { readonly headingDeg: number; readonly pitchDeg: number },
): Pose {
  const xs = corners.map(([x]) => x)
  const ys = corners.map(([, y]) => y)
  const [west, east, south, north] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]
  const at = (rangeM: number) =>
    centred(corners, { ...angle, x: (west + east) / 2, y: (south + north) / 2, rangeM }, viewport, insets)
  let near = 1
  let far = Math.max(1_000, 40 * Math.hypot(east - west, north - south))
  for (let i = 0; i < 40 && far / near > 1.002; i++) {
    const middle = Math.sqrt(near * far)
    if (fits(boundsOf(corners, at(middle), viewport), viewport, insets)) far = middle
    else near = middle
  }
  return at(far)
}
