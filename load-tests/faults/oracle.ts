import type { Ledger } from './ledger.ts'

/** What the database holds of one device. */
export interface StoredDevice {
  /** The number of each row, doubles and all. */
  readonly numbers: readonly number[]
  /** Rows whose values are not those that were sent. */
  readonly altered: number
}

/** All but the first three are to be 0, save `unasked`, which only tells of acknowledgements that were lost on their way. */
export interface Verdict {
  readonly sent: number
  readonly acknowledged: number
  readonly stored: number
  /** Stored, but never acknowledged. */
  readonly unasked: number
  /** Acknowledged, but not stored. */
  readonly lost: number
  /** Rows beyond the first of a message. */
  readonly doubled: number
  /** Rows that nobody sent. */
  readonly foreign: number
  readonly altered: number
}

/** The publishers' book against the database. Pure. */
export function judge(ledger: Ledger, stored: ReadonlyMap<string, StoredDevice>): Verdict {
  const verdict = {
    sent: ledger.sent,
    acknowledged: ledger.acknowledged,
    stored: 0,
    unasked: 0,
    lost: 0,
    doubled: 0,
    foreign: 0,
    altered: 0,
  }
  for (const [device, { key }] of ledger.devices.entries()) {
    const { numbers = [], altered = 0 } = stored.get(key) ?? {}
    const last = ledger.lastOf(device)
    const distinct = new Set(numbers)
    verdict.stored += numbers.length
    verdict.altered += altered
    verdict.doubled += numbers.length - distinct.size
    for (const number of distinct) {
      if (number < 1 || number > last) verdict.foreign++
      else if (!ledger.isAcknowledged(device, number)) verdict.unasked++
    }
    for (let number = 1; number <= last; number++)
      if (ledger.isAcknowledged(device, number) && !distinct.has(number)) verdict.lost++
  }
  const known = new Set(ledger.devices.map(({ key }) => key))
  for (const [key, { numbers }] of stored) if (!known.has(key)) verdict.foreign += numbers.length
  return verdict
}

export const isSound = ({ lost, doubled, foreign, altered }: Verdict): boolean =>
  lost + doubled + foreign + altered === 0
