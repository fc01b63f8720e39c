import { chance, smoothNoise } from '../seeded/random.ts'
import { HOUR, localDay, localHour, partOfYear } from './local-time.ts'

const TEMPERATURE = 901
const RAIN = 902

/** °C in the shade: a year between 4 and 29, a day of ±4, and days that are warmer or colder. */
export function temperatureC(seed: number, timeMs: number): number {
  const year = 16.5 - 12.5 * Math.cos((partOfYear(timeMs) - 0.055) * 2 * Math.PI)
  const day = -4 * Math.cos(((localHour(timeMs) - 3.5) / 24) * 2 * Math.PI)
  return year + day + smoothNoise(seed, TEMPERATURE, timeMs / (50 * HOUR)) * 4
}

/** How hard it rains, 0 … 1. Dry most of the time, rain in spells of some hours. */
export function rain(seed: number, timeMs: number): number {
  const fronts = smoothNoise(seed, RAIN, timeMs / (11 * HOUR))
  const showers = smoothNoise(seed, RAIN + 1, timeMs / (2.5 * HOUR))
  return Math.min(1, Math.max(0, (fronts + 0.35 * showers - 0.42) * 2))
}

/** Rain of the last six hours, 0 … 1: what stands in a cable trench. */
export function groundWater(seed: number, timeMs: number): number {
  let sum = 0
  for (let back = 0; back < 6; back++) sum += rain(seed, timeMs - back * HOUR) * (1 - back / 8)
  return Math.min(1, sum / 3)
}

/** What the weather does to the day's consumption: cooling, heating, and chance. 1 on a mild day. */
export function demandFactor(seed: number, timeMs: number): number {
  const mean = temperatureC(seed, timeMs)
  const cooling = Math.max(0, mean - 25) * 0.035
  const heating = Math.max(0, 9 - mean) * 0.02
  return 1 + cooling + heating + (chance(seed, 903, localDay(timeMs)) - 0.5) * 0.06
}
