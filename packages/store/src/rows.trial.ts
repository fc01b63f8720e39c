import { findKind, type Kind, type Value } from '@gridkeeper/domain'
import type { Pool } from 'pg'
import type { Batch, DeadLetterRow, EventRow, FixRow, Judged, ReadingRow } from './batch.ts'

/** Rows for the tests of this package: each builder has defaults for all but the field under test. */
export const meter = findKind('meter') as Kind
export const cover = findKind('cover') as Kind

/** Recent, so that no policy touches it: 08:00 UTC of the day before yesterday. */
export const baseMs = Math.floor(Date.now() / 86_400_000 - 2) * 86_400_000 + 8 * 3_600_000

export const valuesOf = (kind: Kind, said: Readonly<Record<string, Value>>): readonly (Value | null)[] =>
  kind.metrics.map((metric) => said[metric.key] ?? null)

const message = { timeMs: baseMs, messageId: 1n, receivedAtMs: baseMs + 200, flags: 0, claimedMs: null }

export const reading = (row: Partial<ReadingRow> = {}): ReadingRow => ({
  ...message,
  deviceKey: `M-${row.assetId ?? 1}`,
  assetId: 1,
  kind: meter,
  values: valuesOf(row.kind ?? meter, {}),
  extra: null,
  ...row,
})

export const fix = (row: Partial<FixRow> = {}): FixRow => ({
  ...message,
  deviceKey: 'K-1',
  keeperId: 1,
  lon: 120.5,
  lat: 30.25,
  altM: null,
  accuracyM: null,
  speedMps: null,
  bearingDeg: null,
  batteryPct: null,
  ...row,
})

export const event = (row: Partial<EventRow> = {}): EventRow => ({
  ...message,
  deviceKey: 'M-1',
  assetId: 1,
  keeperId: null,
  event: 'trip',
  data: null,
  ...row,
})

export const deadLetter = (row: Partial<DeadLetterRow> = {}): DeadLetterRow => ({
  receivedAtMs: baseMs,
  source: 'mqtt',
  topic: 'gk/v1/X/readings',
  client: null,
  reason: 'undecodable',
  detail: null,
  size: 0,
  bytes: new Uint8Array(),
  login: null,
  ...row,
})

type Streams = Omit<Batch, 'judge'>

/** A batch of these rows, and of what the judge says of them. */
export const batch = (streams: Partial<Streams>, judged: Partial<Judged> = {}): Batch => ({
  readings: [],
  fixes: [],
  events: [],
  statuses: [],
  deadLetters: [],
  strangers: [],
  ...streams,
  judge: () => ({ presentReadings: [], presentFixes: [], raises: [], clears: [], ...judged }),
})

/** Assets and keepers 1 to `count`, each with a device. */
export async function registerAll(pool: Pool, count: number): Promise<void> {
  await pool.query(
    `insert into asset (code, name, kind, lon, lat) select 'M-' || n, 'meter ' || n, 'meter', 120, 30 from generate_series(1, $1) n`,
    [count],
  )
  await pool.query(
    `insert into keeper (code, name, post) select 'K-' || n, 'keeper', 'keeper' from generate_series(1, $1) n`,
    [count],
  )
  await pool.query(`insert into device (key, asset_id) select 'M-' || n, n from generate_series(1, $1) n`, [
    count,
  ])
  await pool.query(`insert into device (key, keeper_id) select 'K-' || n, n from generate_series(1, $1) n`, [
    count,
  ])
}
