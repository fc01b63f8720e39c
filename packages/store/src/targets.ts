import type { Kind, Metric } from '@gridkeeper/domain'
import { jsonText } from './array-literal.ts'
import type { Column, Target } from './append-rows.ts'
import type { DeadLetterRow, EventRow, FixRow, ReadingRow } from './batch.ts'
import { columnType, readingTable } from './kind-tables.ts'

/** Column order of each streamed table: one constant for COPY and for unnest. */
const metricColumn = (metric: Metric, index: number): Column<ReadingRow> => ({
  name: metric.key,
  type: columnType(metric) as Column<ReadingRow>['type'],
  cell: (row) => row.values[index] ?? null,
})

const byKind = new Map<Kind, Target<ReadingRow>>()

export function readingTarget(kind: Kind): Target<ReadingRow> {
  let target = byKind.get(kind)
  if (target === undefined) {
    target = {
      table: readingTable(kind),
      columns: [
        { name: 'asset_id', type: 'int', cell: (row) => row.assetId },
        { name: 'time', type: 'time', cell: (row) => row.timeMs },
        { name: 'message_id', type: 'bigint', cell: (row) => row.messageId },
        { name: 'received_at', type: 'time', cell: (row) => row.receivedAtMs },
        ...kind.metrics.map(metricColumn),
        { name: 'flags', type: 'int', cell: (row) => row.flags },
        { name: 'claimed_ms', type: 'double precision', cell: (row) => row.claimedMs },
        { name: 'extra', type: 'jsonb', cell: (row) => jsonText(row.extra) },
      ],
    }
    byKind.set(kind, target)
  }
  return target
}

/** The measured part of a fix: the same columns in `fix` and in `keeper_state`. */
export const fixColumns: readonly Column<FixRow>[] = [
  { name: 'keeper_id', type: 'int', cell: (row) => row.keeperId },
  { name: 'time', type: 'time', cell: (row) => row.timeMs },
  { name: 'message_id', type: 'bigint', cell: (row) => row.messageId },
  { name: 'received_at', type: 'time', cell: (row) => row.receivedAtMs },
  { name: 'lon', type: 'double precision', cell: (row) => row.lon },
  { name: 'lat', type: 'double precision', cell: (row) => row.lat },
  { name: 'alt_m', type: 'real', cell: (row) => row.altM },
  { name: 'accuracy_m', type: 'real', cell: (row) => row.accuracyM },
  { name: 'speed_mps', type: 'real', cell: (row) => row.speedMps },
  { name: 'bearing_deg', type: 'real', cell: (row) => row.bearingDeg },
  { name: 'battery_pct', type: 'real', cell: (row) => row.batteryPct },
  { name: 'flags', type: 'int', cell: (row) => row.flags },
]

export const fixTarget: Target<FixRow> = {
  table: 'fix',
  columns: [...fixColumns, { name: 'claimed_ms', type: 'double precision', cell: (row) => row.claimedMs }],
}

export const eventTarget: Target<EventRow> = {
  table: 'device_event',
  columns: [
    { name: 'asset_id', type: 'int', cell: (row) => row.assetId },
    { name: 'keeper_id', type: 'int', cell: (row) => row.keeperId },
    { name: 'device_key', type: 'text', cell: (row) => row.deviceKey },
    { name: 'time', type: 'time', cell: (row) => row.timeMs },
    { name: 'message_id', type: 'bigint', cell: (row) => row.messageId },
    { name: 'received_at', type: 'time', cell: (row) => row.receivedAtMs },
    { name: 'event', type: 'text', cell: (row) => row.event },
    { name: 'data', type: 'jsonb', cell: (row) => jsonText(row.data) },
    { name: 'flags', type: 'int', cell: (row) => row.flags },
    { name: 'claimed_ms', type: 'double precision', cell: (row) => row.claimedMs },
  ],
}

/** Filled by unnest on every engine: rare, and its rows have no key to conflict with. */
export const deadLetterColumns: readonly Column<DeadLetterRow>[] = [
  { name: 'received_at', type: 'time', cell: (row) => row.receivedAtMs },
  { name: 'source', type: 'text', cell: (row) => row.source },
  { name: 'topic', type: 'text', cell: (row) => row.topic },
  { name: 'client', type: 'text', cell: (row) => row.client },
  { name: 'reason', type: 'text', cell: (row) => row.reason },
  { name: 'detail', type: 'text', cell: (row) => row.detail },
  { name: 'size', type: 'int', cell: (row) => row.size },
  { name: 'bytes', type: 'text', cell: (row) => `\\x${Buffer.from(row.bytes).toString('hex')}` },
  { name: 'login', type: 'text', cell: (row) => row.login },
]
