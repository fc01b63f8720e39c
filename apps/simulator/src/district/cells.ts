import { Delaunay } from 'd3-delaunay'
import polygonClipping from 'polygon-clipping'
import { createRandom } from '../seeded/random.ts'
import { isInsideRing, ringArea, ringCentre } from './outline.ts'
import type { Path, Point } from './plane.ts'
import { distance } from './plane.ts'

/** What belongs to one site: open rings that turn left, nearly always one. */
export type Cell = readonly Path[]

const cleaned = ([x, y]: readonly [number, number]): Point => [
  Math.round(x * 10) / 10,
  Math.round(y * 10) / 10,
]

/** Voronoi cells cut at the outline. Corners are rounded to 0.1 m, so that neighbours have the very same ones. */
export function makeCells(sites: readonly Point[], outline: Path): Cell[] {
  const reach = Math.max(...outline.map(([x, y]) => Math.max(Math.abs(x), Math.abs(y)))) * 2
  const voronoi = Delaunay.from(sites.map(([x, y]): [number, number] => [x, y])).voronoi([
    -reach,
    -reach,
    reach,
    reach,
  ])
  const clip = [outline.map(([x, y]): [number, number] => [x, y])]
  return sites.map((_, i) => {
    const cell = voronoi.cellPolygon(i) as [number, number][]
    return polygonClipping.intersection([cell], clip).map(([ring]) => {
      const corners = (ring ?? []).slice(0, -1).map(cleaned)
      const open = corners.filter((corner, k) => distance(corner, corners.at(k - 1)!) > 0.05)
      return ringArea(open) < 0 ? open.reverse() : open
    })
  })
}

export const cellArea = (cell: Cell): number => cell.reduce((sum, ring) => sum + ringArea(ring), 0)

/** Sites spread over the outline and relaxed (Lloyd) so far that cells are of like size, yet not a honeycomb. */
export function spreadSites(seed: number, count: number, outline: Path, rounds = 3): Point[] {
  const random = createRandom(seed, 30)
  const [xs, ys] = [outline.map(([x]) => x), outline.map(([, y]) => y)]
  let sites: Point[] = []
  while (sites.length < count) {
    const candidate: Point = [
      random.between(Math.min(...xs), Math.max(...xs)),
      random.between(Math.min(...ys), Math.max(...ys)),
    ]
    if (isInsideRing(candidate, outline)) sites.push(candidate)
  }
  for (let round = 0; round < rounds; round++) {
    sites = makeCells(sites, outline).map((cell, i) => {
      const biggest = [...cell].sort((a, b) => ringArea(b) - ringArea(a))[0]
      return biggest === undefined ? sites[i]! : cleaned(ringCentre(biggest))
    })
  }
  return sites
}
