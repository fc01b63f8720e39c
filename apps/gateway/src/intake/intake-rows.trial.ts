import { findKind, type Kind, type Value } from '@gridkeeper/domain'
import type { FixRow, KnownDevice, ReadingRow } from '@gridkeeper/store'
import type { RawMessage } from './decode-message.ts'
import { trusted } from './speaker.ts'

/** Builders for the tests of the intake: defaults for all but the field under test. */
export const meter = findKind('meter') as Kind
export const nowMs = Date.UTC(2026, 5, 1, 12)

const noLogin = { secretHash: null, via: null, isRevoked: false }
export const meterDevice: KnownDevice = {
  ...noLogin,
  key: 'M-1',
  asset: { assetId: 1, kind: 'meter' },
  keeperId: null,
}
export const keeperDevice: KnownDevice = { ...noLogin, key: 'K-1', asset: null, keeperId: 1 }

export const raw = (topic: string, content: unknown, over: Partial<RawMessage> = {}): RawMessage => ({
  source: 'mqtt',
  topic,
  bytes:
    content instanceof Uint8Array
      ? content
      : Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)),
  receivedAtMs: nowMs,
  client: 'c',
  speaker: trusted,
  ...over,
})

export const reading = (
  said: Readonly<Record<string, Value>>,
  over: Partial<ReadingRow> = {},
): ReadingRow => ({
  deviceKey: 'M-1',
  assetId: 1,
  kind: meter,
  timeMs: nowMs,
  messageId: 1n,
  receivedAtMs: nowMs,
  flags: 0,
  claimedMs: null,
  values: meter.metrics.map((metric) => said[metric.key] ?? null),
  extra: null,
  ...over,
})

export const fix = (over: Partial<FixRow> = {}): FixRow => ({
  deviceKey: 'K-1',
  keeperId: 1,
  timeMs: nowMs,
  messageId: 1n,
  receivedAtMs: nowMs,
  flags: 0,
  claimedMs: null,
  lon: 120,
  lat: 30,
  altM: null,
  accuracyM: null,
  speedMps: null,
  bearingDeg: null,
  batteryPct: null,
  ...over,
})
