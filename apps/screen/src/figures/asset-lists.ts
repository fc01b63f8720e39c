import type { Asset, AssetChange } from '@gridkeeper/contracts'
import { assetState, type AssetStateName } from '@gridkeeper/domain'
import type { Registry } from './registry.ts'

/** Assets of one kind in one state within a grid, in the order of the catalogue; walked only when somebody asks. */
export function assetsInState(
  registry: Registry,
  changes: ReadonlyMap<number, AssetChange>,
  kindKey: string,
  state: AssetStateName,
  gridId: number | null,
  limit: number,
): readonly Asset[] {
  const found: Asset[] = []
  for (const asset of registry.assets.values()) {
    if (found.length >= limit) break
    if (asset.kind !== kindKey || !registry.isWithin(asset.gridId, gridId)) continue
    if ((changes.get(asset.id)?.state ?? assetState.unknown) === assetState[state]) found.push(asset)
  }
  return found
}
