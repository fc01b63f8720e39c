import type { Kind, Value } from '@gridkeeper/domain'
import type { PoolClient } from 'pg'

/** One message as it will stand in a table. Times are UTC ms; `messageId` is a signed 64-bit number. */
interface Message {
  readonly deviceKey: string
  readonly timeMs: number
  readonly messageId: bigint
  readonly receivedAtMs: number
  readonly flags: number
  /** The device's own claim where its clock was not believed, otherwise null. */
  readonly claimedMs: number | null
}

export interface ReadingRow extends Message {
  readonly assetId: number
  readonly kind: Kind
  /** Aligned with `kind.metrics`. */
  readonly values: readonly (Value | null)[]
  readonly extra: Readonly<Record<string, unknown>> | null
}

export interface FixRow extends Message {
  readonly keeperId: number
  readonly lon: number
  readonly lat: number
  readonly altM: number | null
  readonly accuracyM: number | null
  readonly speedMps: number | null
  readonly bearingDeg: number | null
  readonly batteryPct: number | null
}

export interface EventRow extends Message {
  readonly assetId: number | null
  readonly keeperId: number | null
  readonly event: string
  readonly data: Readonly<Record<string, unknown>> | null
}

export interface DeadLetterRow {
  readonly receivedAtMs: number
  /** Which front door: `mqtt`, `http`, … */
  readonly source: string
  readonly topic: string
  readonly client: string | null
  readonly reason: string
  readonly detail: string | null
  /** Size of the whole payload, bytes; `bytes` holds at most the first 4 KiB of it. */
  readonly size: number
  readonly bytes: Uint8Array
  /** Who was logged in; null: nobody, or the broker in front knows. */
  readonly login: string | null
}

/** An unknown speaker, heard once. */
export interface StrangerRow {
  /** The key it speaks under. */
  readonly key: string
  /** The name it came with; empty: none. */
  readonly login: string
  /** Of what it presented to prove its name; null: nothing. */
  readonly secretHash: string | null
  readonly protocol: string
  readonly source: string
  readonly address: string | null
  readonly topic: string
  /** The beginning of what it said. */
  readonly sample: Uint8Array
  readonly heardAtMs: number
}

export interface StatusRow {
  readonly deviceKey: string
  readonly online: boolean
  readonly receivedAtMs: number
}

/** What the judge made of the readings of a batch. */
export interface AlarmRaise {
  readonly assetId: number
  readonly rule: string
  readonly severity: string
  readonly metric: string
  readonly value: number
  readonly raisedAtMs: number
  /** When the same batch brought its end, too; otherwise null. */
  readonly clearedAtMs: number | null
}
/** The end of an alarm that was open before the batch. */
export interface AlarmClear {
  readonly assetId: number
  readonly rule: string
  readonly clearedAtMs: number
}

/** Everything that one transaction writes. Rows may repeat: a message that is already there changes nothing. */
export interface Batch {
  readonly readings: readonly ReadingRow[]
  readonly fixes: readonly FixRow[]
  readonly events: readonly EventRow[]
  readonly statuses: readonly StatusRow[]
  readonly deadLetters: readonly DeadLetterRow[]
  readonly strangers: readonly StrangerRow[]
  /**
   * What the rows change about the present. Called within the transaction, since only there it is known which messages with an unbelievable clock are
   * repetitions; it gets `readings` and `fixes` without those.
   */
  judge(
    readings: readonly ReadingRow[],
    fixes: readonly FixRow[],
    client: PoolClient,
  ): Judged | Promise<Judged>
}

export interface Judged {
  /** The newest of each asset and keeper: at most one row each. */
  readonly presentReadings: readonly ReadingRow[]
  readonly presentFixes: readonly FixRow[]
  readonly raises: readonly AlarmRaise[]
  readonly clears: readonly AlarmClear[]
}

export interface StoredAlarm {
  readonly id: number
  readonly assetId: number
  readonly rule: string
  readonly severity: string
  readonly metric: string | null
  readonly value: number | null
  readonly raisedAtMs: number
  readonly clearedAtMs: number | null
}

export interface AppendResult {
  /** Rows that were new. */
  readonly readings: number
  readonly fixes: number
  readonly events: number
  /** Alarms that this batch raised or cleared, as they now stand. */
  readonly alarms: readonly StoredAlarm[]
}
