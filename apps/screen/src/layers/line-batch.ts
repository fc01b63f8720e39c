import {
  BlendOption,
  BufferPolyline,
  BufferPolylineCollection,
  BufferPolylineMaterial,
  ComponentDatatype,
} from 'cesium'
import type { World } from '../globe/stage.ts'
import type { PickTarget } from '../globe/pick.ts'
import { cesiumColour, type Rgb } from './colour.ts'

export interface LineVisual {
  /** Local x, y, z. */
  readonly positions: Float32Array
  readonly rgb: Rgb
  /** Pixels. */
  readonly width: number
  readonly alpha?: number
  readonly target?: PickTarget
}

/**
 * One draw command for any number of lines. Opaque by default: drawn in the order of the layers with soft edges from multisampling, and never
 * sorted; colours are mixed with the ground beforehand. Null for no lines, since an empty collection still costs a command.
 */
export function createLineBatch(
  world: World,
  lines: readonly LineVisual[],
  options: { readonly isTranslucent?: boolean } = {},
): BufferPolylineCollection | null {
  const drawn = lines.filter((line) => line.positions.length >= 6)
  if (drawn.length === 0) return null
  const collection = new BufferPolylineCollection({
    primitiveCountMax: drawn.length,
    vertexCountMax: drawn.reduce((sum, line) => sum + line.positions.length / 3, 0),
    positionDatatype: ComponentDatatype.FLOAT,
    modelMatrix: world.modelMatrix,
    boundingVolume: world.boundingSphere,
    allowPicking: drawn.some((line) => line.target !== undefined),
    blendOption: options.isTranslucent ? BlendOption.TRANSLUCENT : BlendOption.OPAQUE,
  })
  const polyline = new BufferPolyline()
  const material = new BufferPolylineMaterial()
  for (const line of drawn) {
    material.color = cesiumColour(line.rgb, line.alpha ?? 1, material.color)
    material.width = line.width
    collection.add(
      { positions: line.positions, material, ...(line.target ? { pickObject: line.target } : {}) },
      polyline,
    )
  }
  return collection
}
