import type { AssetChange, Catalogue, FeedStatus, KeeperChange } from '@gridkeeper/contracts'
import { shallowRef } from 'vue'
import type { Batch } from './feed-messages.ts'
import type { Flush, Twin } from './twin.ts'

/** Told of every merge, before the flush; counters follow from the difference. */
export interface TwinObserver {
  assetChanged(previous: AssetChange | undefined, next: AssetChange): void
  keeperChanged(previous: KeeperChange | undefined, next: KeeperChange): void
  /** The whole twin or the catalogue is new: count again. */
  replaced(): void
}

export interface LiveStore extends Twin {
  /** Merges a batch; answers how many assets it changed. */
  apply(batch: Batch): number
  setCatalogue(catalogue: Catalogue): void
  setFeed(status: FeedStatus): void
  setConnected(connected: boolean): void
  observe(observer: TwinObserver): void
}

/** `schedule` runs a function once before the next drawing; a hidden page may wait long, and the ids that wait are bounded by the twin. */
export function createLiveStore(schedule: (run: () => void) => void): LiveStore {
  const catalogue = shallowRef<Catalogue | null>(null)
  const version = shallowRef(0)
  const feed = shallowRef<FeedStatus & { connected: boolean }>({
    state: 'live',
    shedding: 'nothing',
    newestMs: null,
    connected: false,
  })
  const assets = new Map<number, AssetChange>()
  const keepers = new Map<number, KeeperChange>()
  const listeners = new Set<(flush: Flush) => void>()
  const observers: TwinObserver[] = []
  const dirtyAssets = new Set<number>()
  const dirtyKeepers = new Set<number>()
  let isSnapshot = false
  let isScheduled = false

  const flush = () => {
    isScheduled = false
    const change: Flush = { isSnapshot, assetIds: [...dirtyAssets], keeperIds: [...dirtyKeepers] }
    isSnapshot = false
    dirtyAssets.clear()
    dirtyKeepers.clear()
    version.value++
    for (const listener of listeners) listener(change)
  }

  const plan = () => {
    if (isScheduled) return
    isScheduled = true
    schedule(flush)
  }

  const replace = (batch: Batch): number => {
    let changed = 0
    for (const asset of batch.assets) if (differs(assets.get(asset.id), asset)) changed++
    assets.clear()
    keepers.clear()
    for (const asset of batch.assets) assets.set(asset.id, asset)
    for (const keeper of batch.keepers) keepers.set(keeper.id, keeper)
    dirtyAssets.clear()
    dirtyKeepers.clear()
    isSnapshot = true
    for (const observer of observers) observer.replaced()
    return changed
  }

  const merge = (batch: Batch): number => {
    for (const next of batch.assets) {
      const previous = assets.get(next.id)
      assets.set(next.id, next)
      dirtyAssets.add(next.id)
      for (const observer of observers) observer.assetChanged(previous, next)
    }
    for (const next of batch.keepers) {
      const previous = keepers.get(next.id)
      keepers.set(next.id, next)
      dirtyKeepers.add(next.id)
      for (const observer of observers) observer.keeperChanged(previous, next)
    }
    return batch.assets.length
  }

  return {
    catalogue,
    assets,
    keepers,
    version,
    feed,
    onFlush(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    observe: (observer) => void observers.push(observer),
    apply(batch) {
      if (!batch.isSnapshot && batch.assets.length === 0 && batch.keepers.length === 0) return 0
      const changed = batch.isSnapshot ? replace(batch) : merge(batch)
      plan()
      return changed
    },
    setCatalogue(next) {
      catalogue.value = next
      isSnapshot = true
      for (const observer of observers) observer.replaced()
      plan()
    },
    setFeed: (status) => void (feed.value = { ...status, connected: feed.value.connected }),
    setConnected: (connected) => void (feed.value = { ...feed.value, connected }),
  }
}

const differs = (previous: AssetChange | undefined, next: AssetChange) =>
  previous === undefined || previous.timeMs !== next.timeMs || previous.state !== next.state
