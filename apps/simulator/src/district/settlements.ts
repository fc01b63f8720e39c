import { createRandom } from '../seeded/random.ts'
import type { Cell } from './cells.ts'
import { isInsideRing } from './outline.ts'
import type { Path, Point } from './plane.ts'
import { distance, distanceToPath, normalOf, nearestOnPath, add, times } from './plane.ts'

export interface Settlement {
  readonly index: number
  readonly grid: number
  readonly isTown: boolean
  readonly centre: Point
  readonly name: string
  /** How many transformers feed it. */
  readonly transformers: number
}

/** Moves a town off the water: it lies on a bank, not in the bed. */
export function awayFromRivers(place: Point, rivers: readonly Path[], clearM: number): Point {
  let moved = place
  for (let round = 0; round < 6; round++) {
    const river = rivers.find((path) => distanceToPath(moved, path) < clearM)
    if (river === undefined) return moved
    const bank = nearestOnPath(moved, river)
    const away = distance(moved, bank)
    const along =
      river[
        Math.min(
          river.length - 1,
          Math.max(
            1,
            river.findIndex((p) => distance(p, bank) < 400),
          ),
        )
      ]!
    const direction: Point =
      away > 1 ? [(moved[0] - bank[0]) / away, (moved[1] - bank[1]) / away] : normalOf(river[0]!, along)
    moved = add(bank, times(direction, clearM * 1.1))
  }
  return moved
}

/** Places for villages inside a cell: off its border, off the rivers, off each other. Fewer than asked for if it is full. */
export function placeVillages(
  seed: number,
  grid: number,
  cell: Cell,
  count: number,
  taken: readonly Point[],
  rivers: readonly Path[],
): Point[] {
  const random = createRandom(seed, 1_000 + grid)
  const ring = cell.reduce((a, b) => (b.length > a.length ? b : a))
  const [xs, ys] = [ring.map(([x]) => x), ring.map(([, y]) => y)]
  const [west, east, south, north] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]
  const closed = [...ring, ring[0]!]
  const places: Point[] = []
  let apart = 0.75 * Math.sqrt(((east - west) * (north - south)) / (count + 1))
  for (let attempt = 0; attempt < 900 && places.length < count; attempt++) {
    if (attempt % 60 === 59) apart *= 0.9
    const place: Point = [random.between(west, east), random.between(south, north)]
    if (!isInsideRing(place, ring) || distanceToPath(place, closed) < 420) continue
    if (rivers.some((river) => distanceToPath(place, river) < 380)) continue
    if (taken.some((other) => distance(place, other) < apart + 400)) continue
    if (places.some((other) => distance(place, other) < Math.max(apart, 520))) continue
    places.push(place)
  }
  return places
}

/** Shares whole things among weights so that the parts sum to the total (largest remainder). */
export function shareOut(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0)
  if (sum === 0) return weights.map(() => 0)
  const exact = weights.map((weight) => (total * weight) / sum)
  const parts = exact.map(Math.floor)
  const order = exact
    .map((value, i) => ({ i, rest: value - Math.floor(value) }))
    .sort((a, b) => b.rest - a.rest || a.i - b.i)
  for (let left = total - parts.reduce((a, b) => a + b, 0), k = 0; left > 0; left--, k++)
    parts[order[k % order.length]!.i]!++
  return parts
}
