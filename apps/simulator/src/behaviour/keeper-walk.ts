import type { FixPayload } from '@gridkeeper/contracts'
import type { District, Keeper } from '../district/district.ts'
import type { Path, Point } from '../district/plane.ts'
import { between, distance, toLonLat } from '../district/plane.ts'
import { chance, createRandom, smoothNoise } from '../seeded/random.ts'
import { HOUR, localDay, localHour, MINUTE } from './local-time.ts'
import { makePatrolTour } from './patrol-tour.ts'
import type { Shift } from './shifts.ts'
import { shiftAt } from './shifts.ts'

/** A piece of a shift: from a place to a place, or standing when both are the same. */
interface Leg {
  readonly startMs: number
  readonly endMs: number
  readonly from: Point
  readonly to: Point
}

export interface KeeperWalk {
  /** The fix that the phone takes at that instant; null off duty, and between the slower fixes of a standing keeper. */
  readonly fixAt: (keeper: Keeper, timeMs: number) => FixPayload | null
  /** Until when the phone has no network at that instant; null if it has. */
  readonly offlineUntil: (keeper: Keeper, timeMs: number) => number | null
  readonly isOnDuty: (keeper: Keeper, timeMs: number) => boolean
}

export const fixEveryMs = 10_000
const standingEveryMs = 60_000

export function createKeeperWalk(district: District, seed: number): KeeperWalk {
  const tours = new Map<number, Path>()
  const plans = new Map<number, { shift: Shift; legs: readonly Leg[] }[]>()

  const legsFor = (keeper: Keeper, shift: Shift): readonly Leg[] => {
    const known = plans.get(keeper.index) ?? []
    const found = known.find((plan) => plan.shift.startMs === shift.startMs)
    if (found) return found.legs
    let tour = tours.get(keeper.grid)
    if (tour === undefined) tours.set(keeper.grid, (tour = makePatrolTour(district, keeper.grid)))
    const legs = planShift(seed, keeper.index, shift, tour)
    plans.set(keeper.index, [{ shift, legs }, ...known].slice(0, 2))
    return legs
  }

  return {
    isOnDuty: (keeper, timeMs) => shiftAt(seed, keeper.index, timeMs) !== null,

    offlineUntil: ({ index }, timeMs) => {
      const slot = Math.floor(timeMs / (30 * MINUTE))
      if (chance(seed, 861, index, slot) > 0.14) return null
      const startMs = slot * 30 * MINUTE + chance(seed, 862, index, slot) * 20 * MINUTE
      const endMs = startMs + (2 + 6 * chance(seed, 863, index, slot)) * MINUTE
      return startMs <= timeMs && timeMs < endMs ? Math.round(endMs) : null
    },

    fixAt: (keeper, timeMs) => {
      const { index } = keeper
      const shift = shiftAt(seed, index, timeMs)
      if (shift === null) return null
      const leg = legAt(legsFor(keeper, shift), timeMs)
      if (leg === undefined) return null
      const isWalking = leg.from !== leg.to
      if (!isWalking && timeMs % standingEveryMs >= fixEveryMs) return null
      const place = between(leg.from, leg.to, (timeMs - leg.startMs) / (leg.endMs - leg.startMs))
      const errorM = 3 + 5 * chance(seed, 864, index)
      const [lon, lat] = toLonLat([
        place[0] + error(seed, index * 2, timeMs, errorM),
        place[1] + error(seed, index * 2 + 1, timeMs, errorM),
      ])
      const speed = isWalking ? (distance(leg.from, leg.to) / (leg.endMs - leg.startMs)) * 1_000 : 0
      const fix: FixPayload = {
        t: timeMs,
        lon,
        lat,
        acc: Number((errorM * (1.1 + 0.3 * smoothNoise(seed, 8_700 + index, timeMs / MINUTE))).toFixed(1)),
        speed: Number(
          Math.max(0, speed * (1 + 0.08 * smoothNoise(seed, 8_800 + index, timeMs / 20_000))).toFixed(2),
        ),
        battery: Math.round(
          100 - (8 + 42 * chance(seed, 865, index)) * ((timeMs - shift.startMs) / (12 * HOUR)),
        ),
      }
      if (!isWalking) return fix
      const bearing = (Math.atan2(leg.to[0] - leg.from[0], leg.to[1] - leg.from[1]) * 180) / Math.PI
      return { ...fix, bearing: Math.round((bearing + 360) % 360) }
    },
  }
}

/** The error of a phone wanders, it does not jump: mostly the same for a minute, a little of it anew every few seconds. */
const error = (seed: number, axis: number, timeMs: number, sizeM: number) =>
  sizeM *
  (1.1 * smoothNoise(seed, 8_500 + axis, timeMs / 50_000) +
    0.25 * smoothNoise(seed, 8_600 + axis, timeMs / 9_000))

const legAt = (legs: readonly Leg[], timeMs: number): Leg | undefined => {
  let low = 0
  let high = legs.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const leg = legs[middle]!
    if (timeMs < leg.startMs) high = middle - 1
    else if (timeMs >= leg.endMs) low = middle + 1
    else return leg
  }
  return undefined
}

/** Walks the tour from where chance put him that day, stops at some towers, rests, and eats at noon. */
function planShift(seed: number, keeper: number, shift: Shift, tour: Path): Leg[] {
  const random = createRandom(seed, 2_000_000 + keeper * 40_000 + (localDay(shift.startMs) % 40_000))
  const legs: Leg[] = []
  const direction = random.next() < 0.5 ? 1 : -1
  const usualMps = random.between(0.9, 1.35)
  let at = random.integer(0, tour.length - 1)
  let timeMs = shift.startMs
  let nextRestMs = timeMs + random.between(50, 110) * MINUTE
  let hasEaten = shift.isNight
  const stand = (ms: number) => {
    const endMs = Math.min(shift.endMs, Math.round(timeMs + ms))
    if (endMs > timeMs) legs.push({ startMs: timeMs, endMs, from: tour[at]!, to: tour[at]! })
    timeMs = endMs
  }
  while (timeMs < shift.endMs) {
    if (!hasEaten && localHour(timeMs) >= 12) {
      hasEaten = true
      stand(random.between(40, 60) * MINUTE)
    } else if (timeMs >= nextRestMs) {
      stand(random.between(6, 14) * MINUTE)
      nextRestMs = timeMs + random.between(50, 110) * MINUTE
    } else if (random.next() < 0.3) stand(random.between(15, 70) * 1_000)
    if (tour.length < 2) {
      stand(10 * MINUTE)
      continue
    }
    const next = (at + direction + tour.length) % tour.length
    const [from, to] = [tour[at]!, tour[next]!]
    at = next
    const mps = Math.min(1.5, Math.max(0.8, usualMps * random.between(0.85, 1.12)))
    const endMs = Math.round(timeMs + (distance(from, to) / mps) * 1_000)
    if (endMs <= timeMs || timeMs >= shift.endMs) continue
    legs.push({ startMs: timeMs, endMs, from, to })
    timeMs = endMs
  }
  return legs
}
