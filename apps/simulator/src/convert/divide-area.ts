import type { Cell } from '../district/cells.ts'
import { makeCells } from '../district/cells.ts'
import type { Path, Point } from '../district/plane.ts'
import { distance } from '../district/plane.ts'

/** The places' convex hull, widened: Andrew's monotone chain over a circle around each place. Open ring, turning left. */
export function hullAround(places: readonly Point[], widenM: number): Path {
  const points = places
    .flatMap(([x, y]) =>
      Array.from({ length: 12 }, (_, i): Point => {
        const angle = (i / 12) * 2 * Math.PI
        return [x + widenM * Math.cos(angle), y + widenM * Math.sin(angle)]
      }),
    )
    .map(([x, y]): Point => [Math.round(x * 10) / 10, Math.round(y * 10) / 10])
    .sort((a, b) => a[0] - b[0] || a[1] - b[1])
  const turn = (a: Point, b: Point, c: Point) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
  const half = (ordered: readonly Point[]): Point[] => {
    const chain: Point[] = []
    for (const point of ordered) {
      while (chain.length > 1 && turn(chain.at(-2)!, chain.at(-1)!, point) <= 0) chain.pop()
      chain.push(point)
    }
    return chain.slice(0, -1)
  }
  return [...half(points), ...half(points.toReversed())]
}

/** Splits places into `count` groups near each other (k-means from far apart starts; no chance in it), then the hull into their cells. */
export function divideArea(
  places: readonly Point[],
  count: number,
  widenM: number,
): { cells: Cell[]; outline: Path } {
  let middles: Point[] = [places[0]!]
  while (middles.length < Math.min(count, places.length)) {
    const away = (place: Point) => Math.min(...middles.map((middle) => distance(place, middle)))
    middles.push(places.reduce((best, place) => (away(place) > away(best) ? place : best)))
  }
  for (let round = 0; round < 40; round++) {
    const groups = middles.map((): Point[] => [])
    for (const place of places) {
      const nearest = middles.reduce(
        (best, middle, i) => (distance(place, middle) < distance(place, middles[best]!) ? i : best),
        0,
      )
      groups[nearest]!.push(place)
    }
    middles = groups.map((group, i) =>
      group.length === 0
        ? middles[i]!
        : [
            group.reduce((sum, [x]) => sum + x, 0) / group.length,
            group.reduce((sum, [, y]) => sum + y, 0) / group.length,
          ],
    )
  }
  // From north-west to south-east, so that the numbers can be read off a map.
  middles.sort((a, b) => b[1] - b[0] * 0.3 - (a[1] - a[0] * 0.3))
  const outline = hullAround(places, widenM)
  return { cells: makeCells(middles, outline), outline }
}
