import type { District } from '../district/district.ts'
import { isInsideRing, ringCentre } from '../district/outline.ts'
import type { Path, Point } from '../district/plane.ts'
import { distance } from '../district/plane.ts'

const joinWithinM = 85

/**
 * The walk along all lines of a grid, as a line walker does it: out along each branch and back, tower by tower, then over to
 * the next piece. A closed tour of points.
 */
export function makePatrolTour(district: District, grid: number): Path {
  const rings = district.grids[grid]!.cell
  const centre = rings[0] === undefined ? ([0, 0] as const) : ringCentre(rings[0])
  let isNear = (point: Point) => rings.some((ring) => isInsideRing(point, ring))
  for (let reachM = 3_000; ; reachM *= 2) {
    const graph = towersAsGraph(district, isNear)
    if (graph.points.length >= 12 || reachM > 100_000) return walkAll(graph, centre)
    isNear = (point) => distance(point, centre) < reachM
  }
}

interface Graph {
  readonly points: readonly Point[]
  readonly links: readonly Set<number>[]
}

function towersAsGraph({ lines }: District, isNear: (point: Point) => boolean): Graph {
  const points: Point[] = []
  const links: Set<number>[] = []
  const byPlace = new Map<string, number>()
  const nodeAt = (point: Point) => {
    const key = `${Math.round(point[0])},${Math.round(point[1])}`
    const known = byPlace.get(key)
    if (known !== undefined) return known
    byPlace.set(key, points.length)
    links.push(new Set())
    return points.push(point) - 1
  }
  const link = (a: number, b: number) => {
    if (a === b) return
    links[a]!.add(b)
    links[b]!.add(a)
  }
  const ends: number[] = []
  for (const { voltageKv, path } of lines) {
    if (voltageKv === 35) continue
    let previous: number | undefined
    for (const point of path) {
      const node = isNear(point) ? nodeAt(point) : undefined
      if (node !== undefined && previous !== undefined) link(previous, node)
      if (node !== undefined && previous === undefined) ends.push(node)
      previous = node
    }
    if (previous !== undefined) ends.push(previous)
  }
  for (const end of ends) {
    let nearest: number | undefined
    points.forEach((point, i) => {
      const away = distance(point, points[end]!)
      if (i === end || links[end]!.has(i) || away > joinWithinM) return
      if (nearest === undefined || away < distance(points[nearest]!, points[end]!)) nearest = i
    })
    if (nearest !== undefined) link(end, nearest)
  }
  return { points, links }
}

function walkAll({ points, links }: Graph, start: Point): Path {
  const isSeen = points.map(() => false)
  const tour: Point[] = []
  let here = start
  for (;;) {
    let root = -1
    points.forEach((point, i) => {
      if (!isSeen[i] && (root < 0 || distance(point, here) < distance(points[root]!, here))) root = i
    })
    if (root < 0) return tour
    isSeen[root] = true
    const stack = [root]
    tour.push(points[root]!)
    while (stack.length > 0) {
      const node = stack.at(-1)!
      const next = [...links[node]!].find((other) => !isSeen[other])
      if (next === undefined) {
        stack.pop()
        const back = stack.at(-1)
        if (back !== undefined) tour.push(points[back]!)
        continue
      }
      isSeen[next] = true
      stack.push(next)
      tour.push(points[next]!)
    }
    here = tour.at(-1)!
  }
}
