import type { Asset, Catalogue, Grid, Keeper, Line } from '@gridkeeper/contracts'

/** The catalogue by id, with the tree of grids walkable both ways. Made once a catalogue. */
export interface Registry {
  readonly assets: ReadonlyMap<number, Asset>
  readonly keepers: ReadonlyMap<number, Keeper>
  readonly grids: ReadonlyMap<number, Grid>
  readonly lines: ReadonlyMap<number, Line>
  /** Children by parent id; `null` holds the roots. In the order of their codes. */
  readonly children: ReadonlyMap<number | null, readonly Grid[]>
  /** From the root down to the grid itself; empty for an unknown one. */
  pathOf(gridId: number | null): readonly Grid[]
  /** The grid and all above it, by id, deepest first; then `null`, which stands for everything. */
  chainOf(gridId: number | null): readonly (number | null)[]
  isWithin(gridId: number | null, top: number | null): boolean
}

const byId = <T extends { id: number }>(items: readonly T[]) => new Map(items.map((item) => [item.id, item]))

export function createRegistry(catalogue: Catalogue): Registry {
  const grids = byId(catalogue.grids)
  const children = new Map<number | null, Grid[]>()
  for (const grid of catalogue.grids) {
    const parent = grid.parentId !== null && grids.has(grid.parentId) ? grid.parentId : null
    const siblings = children.get(parent)
    if (siblings) siblings.push(grid)
    else children.set(parent, [grid])
  }
  for (const siblings of children.values()) siblings.sort((a, b) => a.code.localeCompare(b.code))

  const chains = new Map<number | null, readonly (number | null)[]>([[null, [null]]])
  const chainOf = (gridId: number | null): readonly (number | null)[] => {
    const known = chains.get(gridId)
    if (known) return known
    const chain: (number | null)[] = []
    // A loop in the tree would be a fault of the import; the length guards against hanging on it.
    for (let at = grids.get(gridId as number); at && chain.length < 32; at = grids.get(at.parentId ?? -1))
      chain.push(at.id)
    chain.push(null)
    chains.set(gridId, chain)
    return chain
  }

  return {
    assets: byId(catalogue.assets),
    keepers: byId(catalogue.keepers),
    grids,
    lines: byId(catalogue.lines),
    children,
    chainOf,
    pathOf: (gridId) =>
      chainOf(gridId)
        .filter((id): id is number => id !== null)
        .reverse()
        .map((id) => grids.get(id) as Grid),
    isWithin: (gridId, top) => top === null || chainOf(gridId).includes(top),
  }
}

/** The root that most assets stand under; of equals the first by code. Null without grids. */
export function largestRoot(registry: Registry): number | null {
  const roots = registry.children.get(null) ?? []
  const counts = new Map<number | null, number>(roots.map((root) => [root.id, 0]))
  for (const asset of registry.assets.values()) {
    const root = registry.pathOf(asset.gridId)[0]
    if (root !== undefined) counts.set(root.id, (counts.get(root.id) ?? 0) + 1)
  }
  let largest: number | null = null
  for (const [id, count] of counts) if (largest === null || count > (counts.get(largest) ?? 0)) largest = id
  return largest
}
