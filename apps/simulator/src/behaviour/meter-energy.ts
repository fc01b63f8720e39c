import type { Meter } from '../district/district.ts'
import { chance, smoothNoise } from '../seeded/random.ts'
import { DAY, firstDay, localDay, localHour, MINUTE, startOfDay } from './local-time.ts'
import { loadShape } from './load-shapes.ts'
import { demandFactor } from './weather.ts'

const SLOT = 5 * MINUTE
const slotsPerDay = DAY / SLOT

export interface Energy {
  /** Mean power of the five minutes, kW. */
  readonly powerKw: number
  /** Counter, kWh; never falls, and is the integral of the power. */
  readonly kwh: number
}

const usualKwh = { household: [2.5, 13], shop: [12, 60], pump: [15, 90] } as const

/** What the meter counts on that day. Known without the days' course, so that a counter can be summed over years. */
function kwhOfDay(seed: number, meter: Meter, day: number): number {
  const [low, high] = usualKwh[meter.use]
  const usual = low + (high - low) * chance(seed, 601, meter.index) ** 1.6
  const isIdlePump = meter.use === 'pump' && chance(seed, 602, meter.index, day) < 0.35
  return usual * (0.75 + 0.5 * chance(seed, 603, meter.index, day)) * (isIdlePump ? 0.04 : 1)
}

/** Course of one day: running sum of its five-minute slots, first 0, last the day's total. */
function courseOfDay(seed: number, meter: Meter, day: number): Float64Array {
  const start = startOfDay(day)
  const sums = new Float64Array(slotsPerDay + 1)
  for (let slot = 0; slot < slotsPerDay; slot++) {
    const timeMs = start + slot * SLOT
    const calm =
      0.25 +
      0.75 *
        loadShape(meter.use, timeMs) *
        (1 + 0.3 * smoothNoise(seed, 10_000 + meter.index, timeMs / (20 * MINUTE)))
    sums[slot + 1] = sums[slot]! + calm + appliance(seed, meter, timeMs)
  }
  const factor = (kwhOfDay(seed, meter, day) * demandFactor(seed, start + DAY / 2)) / sums[slotsPerDay]!
  for (let slot = 1; slot <= slotsPerDay; slot++) sums[slot]! *= factor
  return sums
}

/** A kettle, a rice cooker, a shower: a household now and then takes many times its usual power. */
function appliance(seed: number, meter: Meter, timeMs: number): number {
  if (meter.use !== 'household') return 0
  const hour = localHour(timeMs)
  const likely = (hour > 6 && hour < 8) || (hour > 11 && hour < 13) || (hour > 17.5 && hour < 22)
  const draw = chance(seed, 604, meter.index, Math.floor(timeMs / (2 * SLOT)))
  return draw < (likely ? 0.09 : 0.012) ? 4 + draw * 60 : 0
}

/**
 * Power and counter of every meter at any instant, as pure functions of seed, meter and time. Remembers the last two days of each
 * meter (5 KB), because live readings and the back-fill ask for the same day again and again.
 */
export function createMeterEnergy(seed: number): (meter: Meter, timeMs: number) => Energy {
  const courses = new Map<number, { day: number; startKwh: number; sums: Float64Array }[]>()

  const startKwh = (meter: Meter, day: number): number => {
    let sum = 800 + chance(seed, 605, meter.index) * 24_000
    for (let past = firstDay; past < day; past++) {
      sum += kwhOfDay(seed, meter, past) * demandFactor(seed, startOfDay(past) + DAY / 2)
    }
    return sum
  }
  const courseFor = (meter: Meter, day: number) => {
    const known = courses.get(meter.index) ?? []
    const found = known.find((course) => course.day === day)
    if (found) return found
    const before = known.find((course) => course.day === day - 1)
    const after = known.find((course) => course.day === day + 1)
    const sums = courseOfDay(seed, meter, day)
    const total = sums[slotsPerDay]!
    const start = before
      ? before.startKwh + before.sums[slotsPerDay]!
      : after
        ? after.startKwh - total
        : startKwh(meter, day)
    const course = { day, startKwh: start, sums }
    courses.set(
      meter.index,
      [course, ...known.filter((other) => Math.abs(other.day - day) === 1)].slice(0, 2),
    )
    return course
  }

  return (meter, timeMs) => {
    const day = localDay(timeMs)
    const { startKwh: atMidnight, sums } = courseFor(meter, day)
    const slots = (timeMs - startOfDay(day)) / SLOT
    const slot = Math.min(slotsPerDay - 1, Math.floor(slots))
    const step = sums[slot + 1]! - sums[slot]!
    return { powerKw: step * (60 / 5), kwh: atMidnight + sums[slot]! + step * (slots - slot) }
  }
}
