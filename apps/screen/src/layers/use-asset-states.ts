import { onScopeDispose, watch } from 'vue'
import type { Stage } from '../globe/stage.ts'
import type { Twin } from '../live/twin.ts'
import { applyFlush, createAssetStates, type AssetStates, type StateChanges } from './asset-states.ts'

export interface AssetStateSource {
  readonly current: () => AssetStates | null
  /** Called once a flush, and after a new district with everything; only when something differs. */
  onChange(listener: (changes: StateChanges, states: AssetStates) => void): void
  /** Tells everything once; called when all layers listen. */
  start(): void
}

/** One pass over each flush for all layers that draw states. */
export function useAssetStates(stage: Stage, twin: Twin): AssetStateSource {
  const listeners: ((changes: StateChanges, states: AssetStates) => void)[] = []
  let states: AssetStates | null = null
  const tell = (changes: StateChanges, present: AssetStates) => {
    for (const listener of listeners) listener(changes, present)
  }
  const take = (flush: { isSnapshot: boolean; assetIds: readonly number[] }) => {
    const present = states
    if (present === null) return
    stage.apply(() => {
      const changes = applyFlush(present, twin.assets, flush)
      if (changes.assets.length > 0) tell(changes, present)
    })
  }
  const start = () => {
    const world = stage.world.value
    const present = world === null ? null : createAssetStates(world.district)
    states = present
    if (present === null) return
    // All grids, also those whose assets have never spoken: what is drawn is the district before.
    stage.apply(() => {
      const changes = applyFlush(present, twin.assets, { isSnapshot: true, assetIds: [] })
      tell({ ...changes, grids: new Set(present.district.leaves.keys()) }, present)
    })
  }
  // After the layers have built their collections for the new district.
  watch(stage.world, start, { flush: 'post' })
  onScopeDispose(twin.onFlush((flush) => take(flush)))
  return { current: () => states, onChange: (listener) => listeners.push(listener), start }
}
