import type { Pose } from './camera/pose.ts'
import { basisOf, metresPerPixel, type Basis, type Viewport } from './camera/project.ts'

/** How much the scene tells: counts by grid, single assets, or their kinds with towers and low-voltage lines. */
export type Detail = 'far' | 'middle' | 'near'

export interface View {
  readonly pose: Pose
  readonly basis: Basis
  readonly viewport: Viewport
  /** The wall's layout factor; sizes in pixels are multiplied by it. */
  readonly scale: number
  readonly metresPerPixel: number
  readonly detail: Detail
}

/** Metres a base pixel: a metre and a half a pixel puts a village across the free scene. */
const nearMetres = 1.5
const farPartOfHome = 0.62

/** `homeRangeM` is the range from which the whole district is seen. */
export function detailOf(rangeM: number, homeRangeM: number, metresPerBasePixel: number): Detail {
  if (metresPerBasePixel <= nearMetres) return 'near'
  return rangeM > homeRangeM * farPartOfHome ? 'far' : 'middle'
}

export function describeView(pose: Pose, viewport: Viewport, scale: number, homeRangeM: number): View {
  const mpp = metresPerPixel(pose, viewport)
  return {
    pose,
    basis: basisOf(pose),
    viewport,
    scale,
    metresPerPixel: mpp,
    detail: detailOf(pose.rangeM, homeRangeM, mpp * scale),
  }
}
