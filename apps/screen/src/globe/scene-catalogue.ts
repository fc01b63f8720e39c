import { boxOf, type Box, type LonLat } from '@gridkeeper/domain'
import type { Catalogue, Grid } from '@gridkeeper/contracts'

/** The root above a grid, or the grid itself; null for none. */
export function rootOf(catalogue: Catalogue, gridId: number | null): number | null {
  const gridById = new Map(catalogue.grids.map((grid) => [grid.id, grid]))
  let grid = gridById.get(gridId ?? -1)
  for (let depth = 0; grid !== undefined && depth < 32; depth++) {
    const parent = gridById.get(grid.parentId ?? -1)
    if (parent === undefined) return grid.id
    grid = parent
  }
  return null
}

/**
 * What one scene draws: the district under one root. A scene is flat about its own middle, so districts far apart cannot share one. All of the catalogue
 * where there is one root only, or none is chosen.
 */
export function sceneCatalogue(catalogue: Catalogue, rootId: number | null): Catalogue {
  const roots = catalogue.grids.filter((grid) => rootOf(catalogue, grid.id) === grid.id)
  if (rootId === null || roots.length < 2) return catalogue
  const grids = withAllBelow(catalogue.grids, rootId)
  const ids = new Set(grids.map((grid) => grid.id))
  const box = boxOf(
    grids.flatMap((grid) => (grid.area ?? []).flatMap(([outer]): readonly LonLat[] => outer ?? [])),
  )
  const isHere = (gridId: number | null, place: LonLat | undefined) =>
    gridId === null ? isNear(box, place) : ids.has(gridId)
  return {
    ...catalogue,
    grids,
    assets: catalogue.assets.filter(({ gridId, lon, lat }) => isHere(gridId, [lon, lat])),
    lines: catalogue.lines.filter(({ gridId, path }) => isHere(gridId, path[0])),
    ground: catalogue.ground.filter(({ paths }) => isNear(box, paths[0]?.[0])),
    keepers: catalogue.keepers.filter(({ gridId }) => gridId === null || ids.has(gridId)),
  }
}

function withAllBelow(grids: readonly Grid[], rootId: number): Grid[] {
  const ids = new Set([rootId])
  for (let size = 0; size !== ids.size;) {
    size = ids.size
    for (const { id, parentId } of grids) if (parentId !== null && ids.has(parentId)) ids.add(id)
  }
  return grids.filter((grid) => ids.has(grid.id))
}

/** Within the box, or not further from it than it is wide and high: rivers and roads go on. */
function isNear(box: Box | null, place: LonLat | undefined): boolean {
  if (box === null || place === undefined) return false
  const [west, south, east, north] = box
  const [lon, lat] = place
  return (
    Math.abs(lon - (west + east) / 2) <= (east - west) * 1.5 &&
    Math.abs(lat - (south + north) / 2) <= (north - south) * 1.5
  )
}
