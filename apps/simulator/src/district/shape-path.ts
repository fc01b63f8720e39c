import { chance } from '../seeded/random.ts'
import type { Path, Point } from './plane.ts'
import {
  add,
  between,
  distance,
  distanceToPath,
  lengthOf,
  minus,
  normalOf,
  pathLength,
  pointAlong,
  times,
} from './plane.ts'

/**
 * Bends a straight piece as nature would: its middle moves aside, then the middles of the halves. The same piece bends the
 * same way from both ends, so that a border shared by two grids stays shared.
 */
export function bend(from: Point, to: Point, seed: number, amount: number, finestM: number): Point[] {
  const isForward = from[0] < to[0] || (from[0] === to[0] && from[1] < to[1])
  const [a, b] = isForward ? [from, to] : [to, from]
  const points = [a, ...bendInside(a, b, seed, amount, finestM), b]
  return isForward ? points : points.reverse()
}

function bendInside(a: Point, b: Point, seed: number, amount: number, finestM: number): Point[] {
  const length = distance(a, b)
  if (length < finestM) return []
  const draw = chance(seed, Math.round((a[0] + b[0]) * 10), Math.round((a[1] + b[1]) * 10)) * 2 - 1
  const moved = add(between(a, b, 0.5), times(normalOf(a, b), draw * amount * length))
  const middle: Point = [Math.round(moved[0] * 10) / 10, Math.round(moved[1] * 10) / 10]
  return [
    ...bendInside(a, middle, seed, amount, finestM),
    middle,
    ...bendInside(middle, b, seed, amount, finestM),
  ]
}

/** Chaikin's corner cutting; the ends stay. */
export function smoothed(path: Path, rounds: number): Path {
  let points = path
  for (let round = 0; round < rounds; round++) {
    const next: Point[] = [points[0]!]
    for (let i = 1; i < points.length; i++) {
      const [a, b] = [points[i - 1]!, points[i]!]
      next.push(between(a, b, 0.25), between(a, b, 0.75))
    }
    next.push(points.at(-1)!)
    points = next
  }
  return points
}

/** Douglas–Peucker. */
export function simplified(path: Path, toleranceM: number): Path {
  if (path.length < 3) return path
  const [first, last] = [path[0]!, path.at(-1)!]
  let farthest = 0
  let index = 0
  for (let i = 1; i < path.length - 1; i++) {
    const away = distanceToPath(path[i]!, [first, last])
    if (away > farthest) [farthest, index] = [away, i]
  }
  if (farthest <= toleranceM) return [first, last]
  return [
    ...simplified(path.slice(0, index + 1), toleranceM),
    ...simplified(path.slice(index), toleranceM).slice(1),
  ]
}

/** The path moved to its left (negative: right), corners mitred. */
export function shifted(path: Path, metres: number): Path {
  return path.map((point, i) => {
    const before = path[i - 1] ?? point
    const after = path[i + 1] ?? point
    const normal = normalOf(before, after)
    const edge = i === 0 ? normal : normalOf(before, point)
    const cosine = Math.max(0.5, normal[0] * edge[0] + normal[1] * edge[1])
    return add(point, times(normal, metres / cosine))
  })
}

/** Evenly spaced points along a path, ends included, about `spacingM` apart. */
export function spaced(path: Path, spacingM: number): Path {
  const length = pathLength(path)
  const pieces = Math.max(1, Math.round(length / spacingM))
  return Array.from({ length: pieces + 1 }, (_, i) => pointAlong(path, (length * i) / pieces))
}

/** As {@link spaced}, but with a point on every corner: where towers of a line stand. */
export function withTowers(path: Path, spacingM: number): Path {
  const towers: Point[] = []
  for (let i = 1; i < path.length; i++) {
    const [a, b] = [path[i - 1]!, path[i]!]
    if (lengthOf(minus(b, a)) < 1) continue
    const pieces = Math.max(1, Math.round(distance(a, b) / spacingM))
    for (let k = towers.length === 0 ? 0 : 1; k <= pieces; k++) towers.push(between(a, b, k / pieces))
  }
  return towers
}
