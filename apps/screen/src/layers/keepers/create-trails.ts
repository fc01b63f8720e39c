import {
  BlendOption,
  BufferPolyline,
  BufferPolylineCollection,
  BufferPolylineMaterial,
  Color,
  ComponentDatatype,
} from 'cesium'
import { sceneColour } from '../../app/theme.ts'
import { sagM } from '../../globe/local-frame.ts'
import type { World } from '../../globe/stage.ts'
import { cesiumColour, rgbOf } from '../colour.ts'
import { height } from '../heights.ts'
import { mostTrailPoints, trailAlpha, type TrailPoint } from './trail.ts'

export interface Trails {
  readonly collection: BufferPolylineCollection | null
  /** Draws the trail of the keeper in this slot, from its newest point back. */
  draw(slot: number, trail: readonly TrailPoint[]): void
}

const segments = mostTrailPoints - 1
const rgb = rgbOf(sceneColour.keeper)
const polyline = new BufferPolyline()
const material = new BufferPolylineMaterial()
const tint = new Color()
const positions = new Float32Array(6)

/**
 * A fixed run of short lines for each keeper, since a line of the buffer has one opacity along its length and cannot change its number of points.
 */
export function createTrails(world: World, keepers: number): Trails {
  if (keepers === 0) return { collection: null, draw: () => {} }
  const collection = new BufferPolylineCollection({
    primitiveCountMax: keepers * segments,
    vertexCountMax: keepers * segments * 2,
    positionDatatype: ComponentDatatype.FLOAT,
    modelMatrix: world.modelMatrix,
    boundingVolume: world.boundingSphere,
    blendOption: BlendOption.TRANSLUCENT,
  })
  positions.fill(0)
  for (let i = 0; i < keepers * segments; i++) collection.add({ positions, show: false }, polyline)
  material.width = 2 * world.scale
  return {
    collection,
    draw(slot, trail) {
      const newestMs = trail.at(-1)?.timeMs ?? 0
      for (let i = 0; i < segments; i++) {
        collection.get(slot * segments + i, polyline)
        const from = trail[i]
        const to = trail[i + 1]
        if (from === undefined || to === undefined) {
          if (polyline.show) polyline.show = false
          continue
        }
        positions.set([from.x, from.y, height.track - sagM(from.x, from.y)], 0)
        positions.set([to.x, to.y, height.track - sagM(to.x, to.y)], 3)
        polyline.setPositions(positions)
        material.color = cesiumColour(rgb, trailAlpha(newestMs - to.timeMs), tint)
        polyline.setMaterial(material)
        polyline.show = true
      }
    },
  }
}
