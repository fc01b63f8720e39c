import {
  BlendOption,
  BufferPolygon,
  BufferPolygonCollection,
  BufferPolygonMaterial,
  Color,
  ComponentDatatype,
  type BufferPolygonCollectionOptions,
  type BufferPrimitiveCollectionOptions,
} from 'cesium'
import type { World } from '../../globe/stage.ts'
import { cesiumColour, type Rgb } from '../colour.ts'
import { height } from '../heights.ts'
import { triangulate } from './triangulate.ts'

export interface GridFills {
  readonly collection: BufferPolygonCollection | null
  /** Colours one leaf grid; touches only its vertices. */
  paint(leaf: number, rgb: Rgb): void
}

const polygon = new BufferPolygon()
const material = new BufferPolygonMaterial()
const scratchColour = new Color()

/** One draw command for the fills of all leaf grids, opaque: their colours are mixed with the ground beforehand. */
export function createGridFills(world: World): GridFills {
  const { leaves, frame } = world.district
  const parts = leaves.flatMap((grid, leaf) =>
    (grid.area ?? []).flatMap((part) => {
      const cut = triangulate(frame, part, height.fill)
      return cut === null ? [] : [{ leaf, ...cut }]
    }),
  )
  if (parts.length === 0) return { collection: null, paint: () => {} }
  // Cesium's type of these options forgets those of the base class.
  const options: BufferPolygonCollectionOptions & BufferPrimitiveCollectionOptions = {
    primitiveCountMax: parts.length,
    vertexCountMax: parts.reduce((sum, part) => sum + part.positions.length / 3, 0),
    holeCountMax: 1,
    triangleCountMax: parts.reduce((sum, part) => sum + part.triangles.length / 3, 0),
    positionDatatype: ComponentDatatype.FLOAT,
    modelMatrix: world.modelMatrix,
    boundingVolume: world.boundingSphere,
    allowPicking: false,
    blendOption: BlendOption.OPAQUE,
  }
  const collection = new BufferPolygonCollection(options)
  const partsOfLeaf = new Map<number, number[]>()
  parts.forEach(({ leaf, positions, triangles }, index) => {
    collection.add({ positions, triangles }, polygon)
    partsOfLeaf.set(leaf, [...(partsOfLeaf.get(leaf) ?? []), index])
  })
  return {
    collection,
    paint(leaf, rgb) {
      material.color = cesiumColour(rgb, 1, scratchColour)
      for (const index of partsOfLeaf.get(leaf) ?? []) collection.get(index, polygon).setMaterial(material)
    },
  }
}
