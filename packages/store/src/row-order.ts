import type { Batch, EventRow, FixRow, ReadingRow } from './batch.ts'

const compare = (a: number | string | bigint, b: number | string | bigint) => (a < b ? -1 : a > b ? 1 : 0)

const byAsset = (a: ReadingRow, b: ReadingRow) =>
  compare(a.kind.key, b.kind.key) ||
  a.assetId - b.assetId ||
  a.timeMs - b.timeMs ||
  compare(a.messageId, b.messageId)

const byKeeper = (a: FixRow, b: FixRow) =>
  a.keeperId - b.keeperId || a.timeMs - b.timeMs || compare(a.messageId, b.messageId)

const byDevice = (a: EventRow, b: EventRow) =>
  compare(a.deviceKey, b.deviceKey) || a.timeMs - b.timeMs || compare(a.messageId, b.messageId)

/**
 * Two transactions that write the same new rows wait for each other's unique keys; in one order for all they wait in a line and not in a circle. Order of arrival
 * does not count for any of these: time and message id decide.
 */
export const inRowOrder = (batch: Batch): Batch => ({
  ...batch,
  readings: batch.readings.toSorted(byAsset),
  fixes: batch.fixes.toSorted(byKeeper),
  events: batch.events.toSorted(byDevice),
  statuses: batch.statuses.toSorted((a, b) => compare(a.deviceKey, b.deviceKey)),
  strangers: batch.strangers.toSorted((a, b) => compare(a.key, b.key) || compare(a.login, b.login)),
})
