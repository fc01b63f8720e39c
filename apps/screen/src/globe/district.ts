import { boxOf, type LonLat } from '@gridkeeper/domain'
import type { Asset, Catalogue, Grid } from '@gridkeeper/contracts'
import { createLocalFrame, type LocalFrame } from './local-frame.ts'

/** A catalogue made ready to draw: its own frame, its corners, and who belongs to which drawn grid. Replaced as a whole with the catalogue. */
export interface District {
  readonly catalogue: Catalogue
  readonly frame: LocalFrame
  /** The corners of its box, in the frame. */
  readonly corners: readonly (readonly [x: number, y: number])[]
  /** Radius about the frame's origin that holds everything, metres. */
  readonly radiusM: number
  /** Drawn with a fill: the grids that have an area and no child with one. */
  readonly leaves: readonly Grid[]
  readonly gridById: ReadonlyMap<number, Grid>
  /** Place in `catalogue.assets` by asset id. */
  readonly assetIndex: ReadonlyMap<number, number>
  /** Place in `leaves` for each of `catalogue.assets`; −1 for an asset outside all of them. */
  readonly leafOfAsset: Int32Array
}

const outerPlaces = (grid: Grid): readonly LonLat[] => (grid.area ?? []).flatMap(([outer]) => outer ?? [])

function placesOf(catalogue: Catalogue): readonly LonLat[] {
  const ofGrids = catalogue.grids.flatMap(outerPlaces)
  if (ofGrids.length > 0) return ofGrids
  const ofAssets = catalogue.assets.map((asset): LonLat => [asset.lon, asset.lat])
  return ofAssets.length > 0 ? ofAssets : catalogue.lines.flatMap((line) => line.path)
}

/** Null for a catalogue without a single place. */
export function describeDistrict(catalogue: Catalogue): District | null {
  const box = boxOf(placesOf(catalogue))
  if (box === null) return null
  const [west, south, east, north] = box
  const frame = createLocalFrame([(west + east) / 2, (south + north) / 2])
  const places: readonly LonLat[] = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
  ]
  const corners = places.map(([lon, lat]) => frame.toLocal(lon, lat)).map(([x, y]) => [x, y] as const)
  const gridById = new Map(catalogue.grids.map((grid) => [grid.id, grid]))
  const hasDrawnChild = new Set(
    catalogue.grids.filter((grid) => grid.area !== null).map((grid) => grid.parentId),
  )
  const leaves = catalogue.grids.filter((grid) => grid.area !== null && !hasDrawnChild.has(grid.id))
  const leafIndex = new Map(leaves.map((grid, index) => [grid.id, index]))
  const leafOf = (asset: Asset): number => {
    let grid = asset.gridId === null ? undefined : gridById.get(asset.gridId)
    while (grid !== undefined) {
      const index = leafIndex.get(grid.id)
      if (index !== undefined) return index
      grid = grid.parentId === null ? undefined : gridById.get(grid.parentId)
    }
    return -1
  }
  return {
    catalogue,
    frame,
    corners,
    radiusM: Math.max(500, ...corners.map(([x, y]) => Math.hypot(x, y))),
    leaves,
    gridById,
    assetIndex: new Map(catalogue.assets.map((asset, index) => [asset.id, index])),
    leafOfAsset: Int32Array.from(catalogue.assets, leafOf),
  }
}

/** The corners, in the frame, of one grid: its own area or that of the drawn grids below it. Empty if it has none. */
export function cornersOfGrid(
  district: District,
  gridId: number,
): readonly (readonly [x: number, y: number])[] {
  const isBelow = (grid: Grid | undefined): boolean =>
    grid !== undefined &&
    (grid.id === gridId || (grid.parentId !== null && isBelow(district.gridById.get(grid.parentId))))
  const own = district.gridById.get(gridId)
  const grids = own?.area ? [own] : district.leaves.filter(isBelow)
  const box = boxOf(grids.flatMap(outerPlaces))
  if (box === null) return []
  const [west, south, east, north] = box
  const corner = (lon: number, lat: number) => {
    const [x, y] = district.frame.toLocal(lon, lat)
    return [x, y] as const
  }
  return [corner(west, south), corner(east, south), corner(east, north), corner(west, north)]
}
