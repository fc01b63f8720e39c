import type { AssetChange, Catalogue, FeedStatus, KeeperChange } from '@gridkeeper/contracts'
import type { ShallowRef } from 'vue'

/**
 * The twin as the screen holds it: plain Maps, never deeply reactive. Whoever draws listens to `onFlush`, which comes at most once an
 * animation frame, and only when something changed.
 */
export interface Twin {
  /** What stands still; replaced as a whole when the registry changes. Null until the first load. */
  readonly catalogue: Readonly<ShallowRef<Catalogue | null>>
  /** Present state by asset id. */
  readonly assets: ReadonlyMap<number, AssetChange>
  /** Present position by keeper id. */
  readonly keepers: ReadonlyMap<number, KeeperChange>
  /** Grows with each flush; for panels that derive counts. */
  readonly version: Readonly<ShallowRef<number>>
  readonly feed: Readonly<ShallowRef<FeedStatus & { connected: boolean }>>
  onFlush(listener: (flush: Flush) => void): () => void
}

export interface Flush {
  /** The whole twin was replaced: read the Maps. Otherwise only the ids below changed. */
  readonly isSnapshot: boolean
  readonly assetIds: readonly number[]
  readonly keeperIds: readonly number[]
}

/** What is chosen on the wall; its card is open. */
export type Selection =
  | { readonly type: 'asset'; readonly id: number }
  | { readonly type: 'keeper'; readonly id: number }
  | { readonly type: 'grid'; readonly id: number }
  | { readonly type: 'line'; readonly id: number }
