import type { Alarm, AssetChange, FeedStatus, KeeperChange } from '@gridkeeper/contracts'

/** What changed since the batch before, the newest of each id; a snapshot replaces everything. */
export interface Batch {
  readonly isSnapshot: boolean
  readonly sequence: number
  /** The server's clock when the newest frame was made, and this machine's when it came. UTC ms. */
  readonly baseMs: number
  readonly arrivedMs: number
  readonly assets: readonly AssetChange[]
  readonly keepers: readonly KeeperChange[]
}

export type ToWorker =
  | { readonly type: 'start'; readonly origin: string; readonly gridId: number | null }
  | { readonly type: 'taken'; readonly sequence: number }
  | { readonly type: 'stop' }

export type FromWorker =
  | { readonly type: 'batch'; readonly batch: Batch }
  | { readonly type: 'alarm'; readonly alarm: Alarm }
  | { readonly type: 'feed'; readonly status: FeedStatus }
  | { readonly type: 'catalogue'; readonly version: number }
  /** `heardMs`: when the server was last heard, this machine's clock; what came before a break was true until then. */
  | { readonly type: 'link'; readonly connected: boolean; readonly heardMs: number }
  | { readonly type: 'refused' }
