import type { AssetChange } from '@gridkeeper/contracts'
import { assetState, type AssetState } from '@gridkeeper/domain'
import type { District } from '../globe/district.ts'
import type { Flush } from '../live/twin.ts'

/** The state of every asset by its place in the catalogue, and how many of each state each drawn grid holds. */
export interface AssetStates {
  readonly district: District
  readonly byAsset: Uint8Array
  /** Six counts for each leaf grid, in the order of the states. */
  readonly byGrid: Int32Array
}

/** What a flush means for the picture: only assets whose state differs, by their place in the catalogue. */
export interface StateChanges {
  readonly isSnapshot: boolean
  readonly assets: readonly number[]
  /** Places in `district.leaves`. */
  readonly grids: ReadonlySet<number>
  /** Assets with a new or worse alarm; none after a snapshot, which tells nothing about when. */
  readonly raised: readonly number[]
}

export const statesPerGrid = 6

/** Alarms by severity, then silence, then never heard of, then normal. */
const badness: readonly number[] = [0, 3, 4, 5, 2, 1]

export const isAlarming = (state: number): boolean =>
  state >= assetState.attention && state <= assetState.critical

export const worse = (a: number, b: number): number => (badness[b]! > badness[a]! ? b : a)

/** All unknown, as before the first snapshot. */
export function createAssetStates(district: District): AssetStates {
  const states: AssetStates = {
    district,
    byAsset: new Uint8Array(district.catalogue.assets.length).fill(assetState.unknown),
    byGrid: new Int32Array(district.leaves.length * statesPerGrid),
  }
  for (const leaf of district.leafOfAsset)
    if (leaf >= 0) states.byGrid[leaf * statesPerGrid + assetState.unknown]!++
  return states
}

/** Applies a flush to `states` in place and tells what differs. Costs what changed; a snapshot costs all. */
export function applyFlush(
  states: AssetStates,
  assets: ReadonlyMap<number, AssetChange>,
  flush: Pick<Flush, 'isSnapshot' | 'assetIds'>,
): StateChanges {
  const { district, byAsset, byGrid } = states
  const changed: number[] = []
  const raised: number[] = []
  const grids = new Set<number>()
  const settle = (index: number, next: number) => {
    const previous = byAsset[index]!
    if (previous === next) return
    byAsset[index] = next
    changed.push(index)
    const leaf = district.leafOfAsset[index]!
    if (leaf >= 0) {
      byGrid[leaf * statesPerGrid + previous]!--
      byGrid[leaf * statesPerGrid + next]!++
      grids.add(leaf)
    }
    if (!flush.isSnapshot && isAlarming(next) && badness[next]! > badness[previous]!) raised.push(index)
  }
  if (flush.isSnapshot)
    district.catalogue.assets.forEach((asset, index) => settle(index, stateOf(assets.get(asset.id))))
  else
    for (const id of flush.assetIds) {
      const index = district.assetIndex.get(id)
      if (index !== undefined) settle(index, stateOf(assets.get(id)))
    }
  return { isSnapshot: flush.isSnapshot, assets: changed, grids, raised }
}

const stateOf = (change: AssetChange | undefined): number => change?.state ?? assetState.unknown

/** The counts of one leaf grid. */
export interface GridTally {
  readonly total: number
  readonly alarming: number
  readonly silent: number
  readonly worst: AssetState
  readonly counts: readonly number[]
}

export function tallyOf(states: AssetStates, leaf: number): GridTally {
  const counts = Array.from(states.byGrid.subarray(leaf * statesPerGrid, (leaf + 1) * statesPerGrid))
  let worst: number = assetState.normal
  counts.forEach((count, state) => {
    if (count > 0) worst = worse(worst, state)
  })
  return {
    total: counts.reduce((sum, count) => sum + count, 0),
    alarming: counts[assetState.attention]! + counts[assetState.warning]! + counts[assetState.critical]!,
    silent: counts[assetState.silent]!,
    worst: worst as AssetState,
    counts,
  }
}
