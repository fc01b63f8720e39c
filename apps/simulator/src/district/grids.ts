import type { Cell } from './cells.ts'
import { cellArea } from './cells.ts'
import { ringArea } from './outline.ts'
import type { Path, Point } from './plane.ts'
import { distance } from './plane.ts'
import { bend } from './shape-path.ts'

const key = ([x, y]: Point) => `${x},${y}`

/** Every border becomes a little crooked, the same from both sides. */
export const withCrookedBorders = (cells: readonly Cell[], seed: number): Cell[] =>
  cells.map((cell) =>
    cell.map((ring) =>
      ring.flatMap((corner, i) => bend(corner, ring[(i + 1) % ring.length]!, seed, 0.13, 260).slice(0, -1)),
    ),
  )

interface Edge {
  readonly from: Point
  readonly to: Point
}

const edgesOf = (cells: readonly Cell[]): Map<string, Edge> => {
  const edges = new Map<string, Edge>()
  for (const cell of cells) {
    for (const ring of cell) {
      ring.forEach((from, i) => {
        const to = ring[(i + 1) % ring.length]!
        const reverse = `${key(to)} ${key(from)}`
        if (!edges.delete(reverse)) edges.set(`${key(from)} ${key(to)}`, { from, to })
      })
    }
  }
  return edges
}

/**
 * The union of cells with shared corners: edges that two of them share cancel out, what is left is chained to rings. Exact, since
 * nothing is computed. Rings that turn left are outer borders, rings that turn right are holes.
 */
export function unionRings(cells: readonly Cell[]): Path[] {
  const leaving = new Map<string, Edge[]>()
  for (const edge of edgesOf(cells).values()) {
    const list = leaving.get(key(edge.from))
    if (list) list.push(edge)
    else leaving.set(key(edge.from), [edge])
  }
  const rings: Path[] = []
  for (;;) {
    const start = [...leaving.values()].find((list) => list.length > 0)?.[0]
    if (start === undefined) return rings
    const ring: Point[] = []
    let edge: Edge | undefined = start
    do {
      const list: Edge[] = leaving.get(key(edge.from))!
      list.splice(list.indexOf(edge), 1)
      ring.push(edge.from)
      edge = leaving.get(key(edge.to))?.[0]
    } while (edge !== undefined && key(edge.from) !== key(start.from))
    rings.push(ring)
  }
}

/** GeoJSON-like polygons of rings: each hole goes to the first outer ring (a station has one). */
export function toPolygons(rings: readonly Path[]): Path[][] {
  const outers = rings.filter((ring) => ringArea(ring) > 0).map((ring) => [ring])
  for (const hole of rings.filter((ring) => ringArea(ring) <= 0)) outers[0]?.push(hole)
  return outers
}

/** Cells that share a border. */
export function neighboursOf(cells: readonly Cell[]): Set<number>[] {
  const owner = new Map<string, number>()
  const neighbours = cells.map(() => new Set<number>())
  cells.forEach((cell, i) => {
    for (const ring of cell) {
      ring.forEach((from, k) => {
        const to = ring[(k + 1) % ring.length]!
        const other = owner.get(`${key(to)} ${key(from)}`)
        if (other === undefined) owner.set(`${key(from)} ${key(to)}`, i)
        else {
          neighbours[i]!.add(other)
          neighbours[other]!.add(i)
        }
      })
    }
  })
  return neighbours
}

/** Which of `count` sites are towns: k-means over all sites, then the site nearest to each middle. */
export function chooseTowns(sites: readonly Point[], cells: readonly Cell[], count: number): number[] {
  const neighbourCount = neighboursOf(cells).map((set) => set.size)
  let middles: Point[] = farApart(sites, count)
  for (let round = 0; round < 25; round++) {
    const groups = middles.map((): Point[] => [])
    for (const site of sites) groups[nearestIndex(site, middles)]!.push(site)
    middles = groups.map((group, i) => (group.length === 0 ? middles[i]! : mean(group)))
  }
  const taken = new Set<number>()
  return middles.map((middle) => {
    let best = -1
    sites.forEach((site, i) => {
      // A cell with few neighbours touches the county's border: no place for a town.
      const cost = (point: Point, at: number) => distance(point, middle) * (neighbourCount[at]! < 5 ? 2 : 1)
      if (!taken.has(i) && (best < 0 || cost(site, i) < cost(sites[best]!, best))) best = i
    })
    taken.add(best)
    return best
  })
}

/** Each cell's station: stations grow from their towns over shared borders, so each is of one piece. */
export function growStations(
  sites: readonly Point[],
  cells: readonly Cell[],
  towns: readonly number[],
): number[] {
  const neighbours = neighboursOf(cells)
  const station = sites.map(() => -1)
  const size = towns.map(() => 0)
  const cost = sites.map(() => Infinity)
  const open = new Map(towns.map((town, i) => [town, { station: i, cost: 0 }]))
  while (open.size > 0) {
    const [cell, claim] = [...open].reduce((best, next) => (next[1].cost < best[1].cost ? next : best))
    open.delete(cell)
    station[cell] = claim.station
    cost[cell] = claim.cost
    size[claim.station]! += cellArea(cells[cell]!)
    for (const next of neighbours[cell]!) {
      if (station[next] !== -1) continue
      const reach = claim.cost + distance(sites[cell]!, sites[next]!)
      if (reach < (open.get(next)?.cost ?? Infinity)) open.set(next, { station: claim.station, cost: reach })
    }
  }
  // A cell cut off from all others (an island of the outline) goes to the nearest town.
  return station.map((own, i) =>
    own === -1
      ? nearestIndex(
          sites[i]!,
          towns.map((town) => sites[town]!),
        )
      : own,
  )
}

function farApart(sites: readonly Point[], count: number): Point[] {
  const chosen: Point[] = [sites[0]!]
  while (chosen.length < count) {
    const away = (site: Point) => Math.min(...chosen.map((other) => distance(site, other)))
    chosen.push(sites.reduce((best, site) => (away(site) > away(best) ? site : best)))
  }
  return chosen
}

const mean = (points: readonly Point[]): Point => [
  points.reduce((sum, [x]) => sum + x, 0) / points.length,
  points.reduce((sum, [, y]) => sum + y, 0) / points.length,
]

const nearestIndex = (point: Point, points: readonly Point[]): number =>
  points.reduce((best, other, i) => (distance(point, other) < distance(point, points[best]!) ? i : best), 0)
