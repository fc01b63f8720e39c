import type { AssetChange, KeeperChange } from '@gridkeeper/contracts'
import { assetState, assetStateNames, findKind, kinds, type AssetStateName } from '@gridkeeper/domain'
import type { Registry } from './registry.ts'

const stateCount = assetStateNames.length
const kindIndex = new Map(kinds.map((kind, index) => [kind.key, index]))

/** Counts of one grid with all below it. An asset the stream has not told of counts as unknown. */
export interface Tally {
  /** Kind × state, row by row in the order of `kinds` and `assetStateNames`. */
  readonly counts: Int32Array
  /** Sum of the load over assets whose kind's headline is its load metric, in whole watts so that sums stay exact. */
  loadW: number
  /** How many assets the load is the sum of. */
  loadAssets: number
  keepers: number
  keepersOnDuty: number
  /** On duty without a position. */
  keepersUnplaced: number
}

const emptyTally = (): Tally => ({
  counts: new Int32Array(kinds.length * stateCount),
  loadW: 0,
  loadAssets: 0,
  keepers: 0,
  keepersOnDuty: 0,
  keepersUnplaced: 0,
})

/** Load in watts of one asset now; null if its kind has none or it is not known, or old (silent). */
function loadOf(kindKey: string, change: AssetChange | undefined): number | null {
  if (change === undefined || change.headline === null || change.state === assetState.silent) return null
  const kind = findKind(kindKey)
  return kind?.loadMetric !== undefined && kind.loadMetric === kind.headline
    ? Math.round(change.headline * 1_000)
    : null
}

const stateOf = (change: AssetChange | undefined) =>
  change !== undefined && change.state < stateCount ? change.state : assetState.unknown

/**
 * Counts by grid, kept true by differences: a change costs the depth of the tree, whatever the size of the district. `null` is the tally of
 * everything. Ids that the catalogue does not know are left out until the catalogue that has them comes.
 */
export class Tallies {
  #registry: Registry
  #byGrid = new Map<number | null, Tally>()

  constructor(
    registry: Registry,
    assets: ReadonlyMap<number, AssetChange>,
    keepers: ReadonlyMap<number, KeeperChange>,
  ) {
    this.#registry = registry
    for (const id of [null, ...registry.grids.keys()]) this.#byGrid.set(id, emptyTally())
    for (const asset of registry.assets.values()) this.#count(asset.id, assets.get(asset.id), 1)
    for (const keeper of registry.keepers.values()) {
      for (const tally of this.#above(keeper.gridId)) tally.keepers++
      this.#countKeeper(keeper.id, keepers.get(keeper.id), 1)
    }
  }

  of(gridId: number | null): Tally {
    return this.#byGrid.get(gridId) ?? emptyTally()
  }

  assetChanged(previous: AssetChange | undefined, next: AssetChange): void {
    this.#count(next.id, previous, -1)
    this.#count(next.id, next, 1)
  }

  keeperChanged(previous: KeeperChange | undefined, next: KeeperChange): void {
    this.#countKeeper(next.id, previous, -1)
    this.#countKeeper(next.id, next, 1)
  }

  *#above(gridId: number | null): Iterable<Tally> {
    for (const id of this.#registry.chainOf(gridId)) {
      const tally = this.#byGrid.get(id)
      if (tally) yield tally
    }
  }

  #count(assetId: number, change: AssetChange | undefined, by: 1 | -1): void {
    const asset = this.#registry.assets.get(assetId)
    const kind = asset && kindIndex.get(asset.kind)
    if (asset === undefined || kind === undefined) return
    const cell = kind * stateCount + stateOf(change)
    const load = loadOf(asset.kind, change)
    for (const tally of this.#above(asset.gridId)) {
      tally.counts[cell]! += by
      if (load === null) continue
      tally.loadW += by * load
      tally.loadAssets += by
    }
  }

  #countKeeper(keeperId: number, change: KeeperChange | undefined, by: 1 | -1): void {
    const keeper = this.#registry.keepers.get(keeperId)
    if (keeper === undefined || change === undefined || change.state !== 1) return
    for (const tally of this.#above(keeper.gridId)) {
      tally.keepersOnDuty += by
      if (change.timeMs === null) tally.keepersUnplaced += by
    }
  }
}

export type StateCounts = Readonly<Record<AssetStateName, number>>

/** Of one kind, or of all kinds together. The parts sum to the number of assets. */
export function countStates(tally: Tally, kindKey?: string): StateCounts {
  const sums: Record<AssetStateName, number> = {
    normal: 0,
    attention: 0,
    warning: 0,
    critical: 0,
    silent: 0,
    unknown: 0,
  }
  kinds.forEach((kind, row) => {
    if (kindKey !== undefined && kind.key !== kindKey) return
    assetStateNames.forEach((name, column) => (sums[name] += tally.counts[row * stateCount + column] ?? 0))
  })
  return sums
}

export const sumStates = (counts: StateCounts): number =>
  assetStateNames.reduce((sum, name) => sum + counts[name], 0)

/** District load now, kW; null if no asset tells. */
export const loadKwOf = (tally: Tally): number | null => (tally.loadAssets === 0 ? null : tally.loadW / 1_000)
