import type { Asset, Keeper, KeeperChange } from '@gridkeeper/contracts'
import { distanceM } from '@gridkeeper/domain'
import type { Registry } from '../figures/registry.ts'

export interface Answering {
  readonly keeper: Keeper
  readonly change: KeeperChange
  /** Null without a position. */
  readonly distanceM: number | null
  readonly isMoving: boolean | null
}

/** Who answers for an asset: the nearest keeper on duty in its grid, or else in the grid above it, and so on up. */
export function answeringKeeper(
  asset: Asset,
  registry: Registry,
  changes: ReadonlyMap<number, KeeperChange>,
): Answering | null {
  for (const gridId of registry.chainOf(asset.gridId)) {
    if (gridId === null) break
    let best: Answering | null = null
    for (const keeper of registry.keepers.values()) {
      const change = changes.get(keeper.id)
      if (change === undefined || change.state !== 1 || !registry.isWithin(keeper.gridId, gridId)) continue
      const away = change.timeMs === null ? null : distanceM([asset.lon, asset.lat], [change.lon, change.lat])
      if (best === null || (away ?? Infinity) < (best.distanceM ?? Infinity)) {
        const isMoving = change.speedMps === null ? null : change.speedMps > 0.5
        best = { keeper, change, distanceM: away, isMoving }
      }
    }
    if (best) return best
  }
  return null
}
