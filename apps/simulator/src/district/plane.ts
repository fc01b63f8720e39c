import type { LonLat } from '@gridkeeper/domain'

/** The district is made on a plane: metres east and north of its centre. */
export type Point = readonly [x: number, y: number]
export type Path = readonly Point[]

const METRES_PER_DEGREE_LAT = 110_860
const centreLon = 113.4
const centreLat = 30.2
const METRES_PER_DEGREE_LON = 111_320 * Math.cos((centreLat * Math.PI) / 180)

const rounded = (degrees: number) => Math.round(degrees * 1e6) / 1e6

/** WGS-84, rounded to 1e-6 degree (0.1 m): a shared corner stays shared, because equal points round equally. */
export const toLonLat = ([x, y]: Point): LonLat => [
  rounded(centreLon + x / METRES_PER_DEGREE_LON),
  rounded(centreLat + y / METRES_PER_DEGREE_LAT),
]

export const add = (a: Point, b: Point): Point => [a[0] + b[0], a[1] + b[1]]
export const minus = (a: Point, b: Point): Point => [a[0] - b[0], a[1] - b[1]]
export const times = (a: Point, factor: number): Point => [a[0] * factor, a[1] * factor]
export const dot = (a: Point, b: Point): number => a[0] * b[0] + a[1] * b[1]
export const between = (a: Point, b: Point, part: number): Point => add(a, times(minus(b, a), part))
export const lengthOf = (a: Point): number => Math.hypot(a[0], a[1])
export const distance = (a: Point, b: Point): number => Math.hypot(a[0] - b[0], a[1] - b[1])
/** To the left of the direction. */
export const normalOf = (a: Point, b: Point): Point => {
  const length = distance(a, b)
  return length === 0 ? [0, 1] : [(a[1] - b[1]) / length, (b[0] - a[0]) / length]
}
export const turned = (a: Point, angle: number): Point => [
  a[0] * Math.cos(angle) - a[1] * Math.sin(angle),
  a[0] * Math.sin(angle) + a[1] * Math.cos(angle),
]

export const pathLength = (path: Path): number =>
  path.reduce((sum, point, i) => sum + (i === 0 ? 0 : distance(path[i - 1]!, point)), 0)

/** The nearest point of a segment. */
export function nearestOnSegment(point: Point, from: Point, to: Point): Point {
  const along = minus(to, from)
  const square = dot(along, along)
  const part = square === 0 ? 0 : Math.min(1, Math.max(0, dot(minus(point, from), along) / square))
  return between(from, to, part)
}

export function nearestOnPath(point: Point, path: Path): Point {
  let best = path[0] ?? point
  for (let i = 1; i < path.length; i++) {
    const near = nearestOnSegment(point, path[i - 1]!, path[i]!)
    if (distance(point, near) < distance(point, best)) best = near
  }
  return best
}

export const distanceToPath = (point: Point, path: Path): number =>
  distance(point, nearestOnPath(point, path))

const side = (a: Point, b: Point, c: Point) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

export const segmentsCross = (a: Point, b: Point, c: Point, d: Point): boolean =>
  side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0

export function crossesPath(from: Point, to: Point, path: Path): boolean {
  for (let i = 1; i < path.length; i++) if (segmentsCross(from, to, path[i - 1]!, path[i]!)) return true
  return false
}

/** A point at a metre along the path; the end beyond it. */
export function pointAlong(path: Path, metres: number): Point {
  let left = metres
  for (let i = 1; i < path.length; i++) {
    const step = distance(path[i - 1]!, path[i]!)
    if (left <= step) return between(path[i - 1]!, path[i]!, step === 0 ? 0 : left / step)
    left -= step
  }
  return path.at(-1) ?? [0, 0]
}
