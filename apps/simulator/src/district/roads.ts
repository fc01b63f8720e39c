import type { Path, Point } from './plane.ts'
import { crossesPath, distance } from './plane.ts'
import { bend, smoothed, spaced } from './shape-path.ts'

export interface Road {
  readonly kind: 'county' | 'village'
  readonly path: Path
}

/** Roads as a graph: a node every 150 m or so, the settlements are nodes. */
export interface RoadNetwork {
  readonly roads: readonly Road[]
  readonly nodes: readonly Point[]
  readonly links: readonly (readonly number[])[]
  /** Node of each settlement, in their order. */
  readonly nodeOf: readonly number[]
}

const bridgeCost = 2.6
const towersApartM = 150

/**
 * County roads join the towns (the shortest tree and the two best short cuts); then every village joins the nearest road, the
 * nearest village first. A bridge counts as a detour, so that a village takes the road on its own bank if it can.
 */
export function makeRoads(
  seed: number,
  towns: readonly Point[],
  villages: readonly Point[],
  rivers: readonly Path[],
): RoadNetwork {
  const nodes: Point[] = [...towns, ...villages]
  const links: number[][] = nodes.map(() => [])
  const roads: Road[] = []
  const isJoined = nodes.map((_, i) => i < towns.length)
  const cost = (a: Point, b: Point) =>
    distance(a, b) * (rivers.some((river) => crossesPath(a, b, river)) ? bridgeCost : 1)

  const build = (from: number, to: number, kind: Road['kind']): number[] => {
    const bent = bend(
      nodes[from]!,
      nodes[to]!,
      seed + 7,
      kind === 'county' ? 0.16 : 0.12,
      kind === 'county' ? 900 : 500,
    )
    const path = spaced(smoothed(bent, 2), towersApartM)
    const chain = path.map((point, i) => {
      if (i === 0) return from
      if (i === path.length - 1) return to
      nodes.push(point)
      links.push([])
      return nodes.length - 1
    })
    chain.forEach((node, i) => {
      if (i === 0) return
      links[node]!.push(chain[i - 1]!)
      links[chain[i - 1]!]!.push(node)
    })
    roads.push({ kind, path })
    return chain
  }

  for (const [a, b] of townTree(towns, cost)) build(a, b, 'county')

  const nearest = new Map<number, { node: number; cost: number }>()
  const offer = (candidates: readonly number[]) => {
    for (let village = towns.length; village < towns.length + villages.length; village++) {
      if (isJoined[village]) continue
      const place = nodes[village]!
      let best = nearest.get(village) ?? { node: -1, cost: Infinity }
      for (const node of candidates) {
        if (distance(place, nodes[node]!) >= best.cost) continue
        const reach = cost(place, nodes[node]!)
        if (reach < best.cost) best = { node, cost: reach }
      }
      nearest.set(village, best)
    }
  }
  offer(nodes.map((_, i) => i).filter((i) => i < towns.length || i >= towns.length + villages.length))
  while (nearest.size > 0) {
    const [village, { node }] = [...nearest].reduce((best, next) =>
      next[1].cost < best[1].cost ? next : best,
    )
    nearest.delete(village)
    isJoined[village] = true
    offer(build(node, village, 'village'))
  }
  for (const [a, b] of villageShortCuts(nodes, links, towns.length, villages.length)) {
    const isFree = !roads.some(({ path }) => crossesPath(nodes[a]!, nodes[b]!, path))
    if (isFree && cost(nodes[a]!, nodes[b]!) === distance(nodes[a]!, nodes[b]!)) build(a, b, 'village')
  }
  return { roads, nodes, links, nodeOf: [...towns, ...villages].map((_, i) => i) }
}

function townTree(towns: readonly Point[], cost: (a: Point, b: Point) => number): [number, number][] {
  const pairs: [number, number][] = []
  const joined = new Set([0])
  while (joined.size < towns.length) {
    let best: [number, number] | undefined
    let bestCost = Infinity
    for (const a of joined) {
      towns.forEach((town, b) => {
        const reach = cost(towns[a]!, town)
        if (!joined.has(b) && reach < bestCost) [best, bestCost] = [[a, b], reach]
      })
    }
    if (best === undefined) break
    joined.add(best[1])
    pairs.push(best)
  }
  const shortCuts: { pair: [number, number]; gain: number }[] = []
  for (let a = 0; a < towns.length; a++) {
    for (let b = a + 1; b < towns.length; b++) {
      const direct = distance(towns[a]!, towns[b]!)
      const alongTree = treeDistance(towns, pairs, a, b)
      if (alongTree > direct * 1.6) shortCuts.push({ pair: [a, b], gain: alongTree / direct / direct })
    }
  }
  shortCuts.sort((x, y) => y.gain - x.gain)
  return [...pairs, ...shortCuts.slice(0, 2).map(({ pair }) => pair)]
}

function treeDistance(
  towns: readonly Point[],
  pairs: readonly (readonly [number, number])[],
  a: number,
  b: number,
) {
  const reach = towns.map(() => Infinity)
  reach[a] = 0
  for (let round = 0; round < towns.length; round++) {
    for (const [p, q] of pairs) {
      const step = distance(towns[p]!, towns[q]!)
      reach[p] = Math.min(reach[p]!, reach[q]! + step)
      reach[q] = Math.min(reach[q]!, reach[p]! + step)
    }
  }
  return reach[b]!
}

/** Pairs of villages close to each other that are far apart by road: some of these lanes exist everywhere. */
function villageShortCuts(
  nodes: readonly Point[],
  links: readonly (readonly number[])[],
  townCount: number,
  villageCount: number,
): [number, number][] {
  const pairs: { pair: [number, number]; direct: number }[] = []
  for (let a = townCount; a < townCount + villageCount; a++) {
    for (let b = a + 1; b < townCount + villageCount; b++) {
      const direct = distance(nodes[a]!, nodes[b]!)
      if (direct < 3_400) pairs.push({ pair: [a, b], direct })
    }
  }
  return pairs
    .sort((x, y) => x.direct - y.direct)
    .filter(
      ({ pair: [a, b], direct }) =>
        links[a]!.length < 3 && roadDistance(nodes, links, a, b, direct * 4) === null,
    )
    .slice(0, Math.round(villageCount * 0.3))
    .map(({ pair }) => pair)
}

/** Metres by road, null beyond the limit. */
function roadDistance(
  nodes: readonly Point[],
  links: readonly (readonly number[])[],
  from: number,
  to: number,
  limitM: number,
): number | null {
  const reach = new Map([[from, 0]])
  const queue = [from]
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    for (const next of links[node]!) {
      const metres = reach.get(node)! + distance(nodes[node]!, nodes[next]!)
      if (metres > limitM || metres >= (reach.get(next) ?? Infinity)) continue
      reach.set(next, metres)
      queue.push(next)
    }
  }
  return reach.get(to) ?? null
}
