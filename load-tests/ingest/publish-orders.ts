/** What the bench tells a publisher, and hears from it. */
export interface PublishOrders {
  readonly port: number
  readonly login: { readonly name: string; readonly secret: string } | null
  /** Numbers of the assets that it speaks for. */
  readonly fromAsset: number
  readonly toAsset: number
  readonly connections: number
  readonly window: number
  /** Distinguishes the messages of several publishers. */
  readonly firstTurn: number
  /** May send only as many as `allow` grants. */
  readonly isPaced: boolean
}

export type PublisherCommand =
  | { readonly type: 'start'; readonly orders: PublishOrders }
  | { readonly type: 'allow'; readonly messages: number }
  | { readonly type: 'count' }
  /** Sends no more; answers `drained` when everything is acknowledged. */
  | { readonly type: 'stop' }

export type PublisherAnswer =
  | { readonly type: 'connected' }
  | { readonly type: 'counted'; readonly acknowledged: number; readonly atMs: number }
  | { readonly type: 'drained'; readonly sent: number; readonly acknowledged: number }
  | { readonly type: 'broken'; readonly message: string }
