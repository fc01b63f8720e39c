import type { Twin } from '../twin/twin.ts'
import { viewOf } from '../twin/twin-view.ts'
import type { LiveWorld } from './live-hub.ts'

/** The twin as the hub looks at it. */
export const twinWorld = (twin: Twin): LiveWorld => ({
  version: () => twin.catalogue.version,
  pathUp: (gridId) => twin.tree.pathUp(gridId),
  gridOfAsset: (assetId) => twin.assets.get(assetId)?.gridId ?? null,
  view: (root) => viewOf(twin, root),
})
