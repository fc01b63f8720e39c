import type { TwinAsset } from './twin-asset.ts'
import type { TwinKeeper } from './twin-keeper.ts'
import type { Twin } from './twin.ts'

/** Everything under one grid. */
export interface TwinView {
  assets(): Iterable<TwinAsset>
  keepers(): Iterable<TwinKeeper>
}

/** Null: everything, what stands in no grid, too. */
export function viewOf(twin: Twin, root: number | null): TwinView {
  if (root === null) return { assets: () => twin.assets.values(), keepers: () => twin.keepers.values() }
  return {
    assets: () => within(twin.assets.values(), twin.tree.subtree(root)),
    keepers: () => within(twin.keepers.values(), twin.tree.subtree(root)),
  }
}

function* within<Entry extends { readonly gridId: number | null }>(
  entries: Iterable<Entry>,
  grids: ReadonlySet<number>,
) {
  for (const entry of entries) if (entry.gridId !== null && grids.has(entry.gridId)) yield entry
}
