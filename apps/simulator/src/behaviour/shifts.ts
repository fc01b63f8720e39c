import { DAY, HOUR, localDay, MINUTE, startOfDay } from './local-time.ts'
import { chance } from '../seeded/random.ts'

export interface Shift {
  readonly startMs: number
  readonly endMs: number
  readonly isNight: boolean
}

/** A fifth of the keepers serves by night, another fifth each week, so that the map is never empty. */
const isOnNights = (keeper: number, day: number) => (keeper + Math.floor((day + 3) / 7)) % 5 === 0

function shiftOfDay(seed: number, keeper: number, day: number): Shift {
  const late = Math.floor((chance(seed, 850, keeper, day) - 0.5) * 16 * MINUTE)
  const start = startOfDay(day)
  return isOnNights(keeper, day)
    ? { startMs: start + 17.6 * HOUR + late, endMs: start + DAY + 7.8 * HOUR + late, isNight: true }
    : { startMs: start + 7.5 * HOUR + late, endMs: start + 18 * HOUR + late, isNight: false }
}

/** The shift that a keeper is on at that instant, null when off duty. */
export function shiftAt(seed: number, keeper: number, timeMs: number): Shift | null {
  const day = localDay(timeMs)
  // A night that began yesterday goes before today's day shift.
  for (const candidate of [day - 1, day]) {
    const shift = shiftOfDay(seed, keeper, candidate)
    if (shift.startMs <= timeMs && timeMs < shift.endMs) return shift
  }
  return null
}
