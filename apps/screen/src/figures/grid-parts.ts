import type { Grid } from '@gridkeeper/contracts'
import type { Registry } from './registry.ts'

export interface LoadPart {
  readonly grid: Grid
  readonly kw: number
}

/** The grids right below one (or the roots' children for everything) by load, highest first: what the sum is made of. */
export function loadParts(
  registry: Registry,
  gridId: number | null,
  loadKw: (gridId: number) => number | null,
  limit: number,
): readonly LoadPart[] {
  const parts: LoadPart[] = []
  for (const grid of partsOf(registry, gridId)) {
    const kw = loadKw(grid.id)
    if (kw !== null) parts.push({ grid, kw })
  }
  return parts.sort((a, b) => b.kw - a.kw).slice(0, limit)
}

/** The grids a grid is made of; a single root is no part of everything, its children are. */
export function partsOf(registry: Registry, gridId: number | null): readonly Grid[] {
  const below = registry.children.get(gridId) ?? []
  const only = below[0]
  return gridId === null && below.length === 1 && only ? (registry.children.get(only.id) ?? below) : below
}

/** The deepest grids within one: where the keepers are. The grid itself if nothing is below it. */
export function leavesOf(registry: Registry, gridId: number | null): readonly Grid[] {
  const below = registry.children.get(gridId) ?? []
  if (below.length > 0) return below.flatMap((grid) => leavesOf(registry, grid.id))
  const self = gridId === null ? undefined : registry.grids.get(gridId)
  return self ? [self] : []
}
