import type { Keeper, KeeperChange } from '@gridkeeper/contracts'

/** One keeper of the twin. Has the shape of his own change. */
export interface TwinKeeper extends KeeperChange {
  gridId: number | null
  timeMs: number | null
  lon: number
  lat: number
  bearingDeg: number | null
  speedMps: number | null
  accuracyM: number | null
  batteryPct: number | null
  state: number
  /** The end of his duty is waited for already. */
  isAwaited: boolean
}

/** A keeper whose newest fix is older is off duty, or his phone is. */
export const onDutyForMs = 15 * 60_000

export const newKeeper = ({ id, gridId }: Pick<Keeper, 'id' | 'gridId'>): TwinKeeper => ({
  id,
  gridId,
  timeMs: null,
  lon: 0,
  lat: 0,
  bearingDeg: null,
  speedMps: null,
  accuracyM: null,
  batteryPct: null,
  state: 0,
  isAwaited: false,
})

export const offDutyAtMs = ({ timeMs }: TwinKeeper): number | null =>
  timeMs === null ? null : timeMs + onDutyForMs

export const dutyAt = (keeper: TwinKeeper, nowMs: number): number =>
  nowMs < (offDutyAtMs(keeper) ?? -Infinity) ? 1 : 0
