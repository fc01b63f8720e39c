import type { FeedStatus, Shedding } from '@gridkeeper/contracts'

/**
 * How far what is shown may be believed.
 *
 * connecting → live on the first connection; live → held or down when the chain behind the api says so; any → broken when the connection
 * goes; broken → live, held or down when it is back.
 */
export type Trust = 'connecting' | 'live' | 'held' | 'down' | 'broken'

export function judgeTrust(feed: FeedStatus & { connected: boolean }, hasConnected: boolean): Trust {
  if (feed.connected) return feed.state
  return hasConnected ? 'broken' : 'connecting'
}

/** What comes later than it could, while the rest comes through. Where nothing comes at all, that says more. */
export const judgeShedding = (feed: FeedStatus, trust: Trust): Shedding =>
  trust === 'live' ? feed.shedding : 'nothing'

export const isStale = (trust: Trust): boolean => trust !== 'live' && trust !== 'connecting'

/** What was missed while the stream was broken. */
export interface Missed {
  readonly spanMs: number
  readonly changedAssets: number
  /** Null while the list has not been read. */
  readonly raisedAlarms: number | null
}
