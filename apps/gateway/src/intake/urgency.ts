import { judgeReading } from '@gridkeeper/domain'
import type { ReadingRow } from '@gridkeeper/store'
import type { ResolvedMessage } from './resolve-message.ts'

/**
 * What gives way first when more comes than can be written: surplus fixes, then surplus readings of kinds that come in bulk. Never held back for others (rank
 * 0) are events, readings that an alarm rule speaks to, and the first of anybody that waits, so that the present goes on; events and alarms go before all that
 * waits. Nothing is thrown away: what is held back is not acknowledged until there is room.
 */
export const ranks = ['rest', 'readings', 'fixes'] as const

/** How much of the intake's limits each rank may fill. */
export const rankShares = [1, 0.75, 0.5] as const

/** Where a message stands, and whose it is; given back when it is finished. */
export interface Standing {
  readonly rank: number
  /** An event or an alarm: before all that waits. */
  readonly isUrgent: boolean
  readonly owners: readonly string[]
}

const noRules: ReadonlySet<string> = new Set()

/** Who has something waiting, as far as it came while room was short. A message is surplus when all that it says is of somebody who has. */
export class WaitingOwners {
  readonly #counts = new Map<string, number>()

  get size(): number {
    return this.#counts.size
  }

  stand(message: ResolvedMessage): Standing {
    const { readings, fixes } = message
    const isUrgent = hasEvent(message) || readings.some((row) => saysAlarm(row, message))
    const owners = [
      ...new Set([
        ...readings.map(({ assetId }) => `a${assetId}`),
        ...fixes.map(({ keeperId }) => `k${keeperId}`),
      ]),
    ]
    const isSurplus = !isUrgent && owners.length > 0 && owners.every((owner) => this.#counts.has(owner))
    for (const owner of owners) this.#counts.set(owner, (this.#counts.get(owner) ?? 0) + 1)
    if (!isSurplus) return { rank: 0, isUrgent, owners }
    if (readings.length === 0) return { rank: 2, isUrgent, owners }
    return { rank: readings.every(({ kind }) => kind.isBulk === true) ? 1 : 0, isUrgent, owners }
  }

  leave({ owners }: Standing): void {
    for (const owner of owners) {
      const count = this.#counts.get(owner) ?? 0
      if (count > 1) this.#counts.set(owner, count - 1)
      else this.#counts.delete(owner)
    }
  }
}

export const hasEvent = ({ events }: ResolvedMessage): boolean => events.length > 0

function saysAlarm(row: ReadingRow, { outOfRange }: ResolvedMessage): boolean {
  const checked = {
    values: row.values,
    extra: row.extra,
    flags: row.flags,
    outOfRange: outOfRange.get(row) ?? [],
  }
  return judgeReading(row.kind, checked, noRules).length > 0
}
