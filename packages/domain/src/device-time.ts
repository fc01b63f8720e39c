/**
 * Whether a device's clock is to be believed.
 *
 * An absurd claim (before 2000, or more than 10 minutes ahead of arrival) never becomes a time in a table: the message is
 * stored at its arrival time, flagged, with the claim kept beside it. Any other claim is kept, however late it comes.
 */
export const EARLIEST_BELIEVED_MS = Date.UTC(2000, 0, 1)
export const AHEAD_LIMIT_MS = 10 * 60_000
/** Older than this on arrival is `late`: history, which never moves a present state nor raises an alarm. */
export const LATE_AFTER_MS = 30 * 86_400_000

export interface SettledTime {
  readonly timeMs: number
  /** The device's own claim where it was not believed, otherwise null. Milliseconds. */
  readonly claimedMs: number | null
}

/** Both in UTC milliseconds; a missing claim means that the arrival time is the device time. */
export function settleTime(claimedMs: number | undefined, receivedAtMs: number): SettledTime {
  if (claimedMs === undefined) return { timeMs: receivedAtMs, claimedMs: null }
  const believed = claimedMs >= EARLIEST_BELIEVED_MS && claimedMs <= receivedAtMs + AHEAD_LIMIT_MS
  return believed ? { timeMs: Math.trunc(claimedMs), claimedMs: null } : { timeMs: receivedAtMs, claimedMs }
}
