import { sagM } from '../local-frame.ts'
import type { Pose } from './pose.ts'

export interface Viewport {
  /** CSS pixels. */
  readonly width: number
  readonly height: number
  /** Vertical angle of view. */
  readonly fovyRad: number
}

export type Vector = readonly [x: number, y: number, z: number]

/** Where the camera of a pose stands and how it is turned; unit vectors in the district's frame. */
export interface Basis {
  readonly eye: Vector
  readonly right: Vector
  readonly up: Vector
  readonly forward: Vector
  readonly targetZ: number
}

const rad = Math.PI / 180

export function basisOf(pose: Pose): Basis {
  const sinH = Math.sin(pose.headingDeg * rad)
  const cosH = Math.cos(pose.headingDeg * rad)
  const sinP = Math.sin(pose.pitchDeg * rad)
  const cosP = Math.cos(pose.pitchDeg * rad)
  const forward: Vector = [sinH * cosP, cosH * cosP, -sinP]
  const targetZ = -sagM(pose.x, pose.y)
  return {
    eye: [
      pose.x - forward[0] * pose.rangeM,
      pose.y - forward[1] * pose.rangeM,
      targetZ - forward[2] * pose.rangeM,
    ],
    right: [cosH, -sinH, 0],
    up: [sinH * sinP, cosH * sinP, cosP],
    forward,
    targetZ,
  }
}

const focalPx = (viewport: Viewport) => viewport.height / 2 / Math.tan(viewport.fovyRad / 2)

/** Where a point of the frame stands on the screen, and how deep; null behind the camera. */
export function project(
  basis: Basis,
  viewport: Viewport,
  x: number,
  y: number,
  z: number,
): { readonly px: number; readonly py: number; readonly depthM: number } | null {
  const dx = x - basis.eye[0]
  const dy = y - basis.eye[1]
  const dz = z - basis.eye[2]
  const depthM = dx * basis.forward[0] + dy * basis.forward[1] + dz * basis.forward[2]
  if (depthM <= 0.01) return null
  const scale = focalPx(viewport) / depthM
  return {
    px: viewport.width / 2 + (dx * basis.right[0] + dy * basis.right[1] + dz * basis.right[2]) * scale,
    py: viewport.height / 2 - (dx * basis.up[0] + dy * basis.up[1] + dz * basis.up[2]) * scale,
    depthM,
  }
}

/** The point of the ground under a pixel; null at and above the horizon. */
export function groundAt(
  basis: Basis,
  viewport: Viewport,
  px: number,
  py: number,
): readonly [x: number, y: number] | null {
  const across = (px - viewport.width / 2) / focalPx(viewport)
  const above = (viewport.height / 2 - py) / focalPx(viewport)
  const ray = basis.forward.map((f, i) => f + across * basis.right[i]! + above * basis.up[i]!)
  if (ray[2]! >= -1e-3) return null
  const reach = (basis.targetZ - basis.eye[2]) / ray[2]!
  return [basis.eye[0] + ray[0]! * reach, basis.eye[1] + ray[1]! * reach]
}

/** Metres of ground across one pixel at the point looked at. */
export const metresPerPixel = (pose: Pose, viewport: Viewport): number => pose.rangeM / focalPx(viewport)
