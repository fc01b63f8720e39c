import type { RoadNetwork } from './roads.ts'

/** Where 10 kV lines run: runs of road nodes, the trunk first, then branches that leave an earlier run at their first node. */
export interface Feeder {
  /** Index of the town whose substation feeds it. */
  readonly town: number
  readonly runs: readonly (readonly number[])[]
}

/**
 * Every settlement is fed from the substation nearest by road. What leaves a substation by one road is a feeder; its trunk goes
 * on where most settlements lie, and what turns off is a branch.
 */
export function makeFeeders(network: RoadNetwork, townCount: number, fed: readonly number[]): Feeder[] {
  const { parent, order } = shortestPaths(network, townCount)
  const weight = new Map<number, number>()
  for (const settlement of fed) weight.set(network.nodeOf[settlement]!, 1)
  const load = new Map<number, number>()
  const children = new Map<number, number[]>()
  for (const node of [...order].reverse()) {
    const total = (load.get(node) ?? 0) + (weight.get(node) ?? 0)
    if (total === 0) continue
    load.set(node, total)
    const up = parent[node]!
    if (up < 0) continue
    load.set(up, (load.get(up) ?? 0) + total)
    children.set(up, [...(children.get(up) ?? []), node])
  }
  const heaviest = (node: number) =>
    [...(children.get(node) ?? [])].sort((a, b) => load.get(b)! - load.get(a)! || a - b)

  const feeders: Feeder[] = []
  for (let town = 0; town < townCount; town++) {
    for (const head of heaviest(network.nodeOf[town]!)) {
      const runs: number[][] = []
      const starts: [number, number][] = [[network.nodeOf[town]!, head]]
      for (let start = starts.shift(); start !== undefined; start = starts.shift()) {
        const run = [...start]
        for (let node: number | undefined = start[1]; node !== undefined;) {
          const [next, ...others]: number[] = heaviest(node)
          for (const other of others) starts.push([node, other])
          if (next !== undefined) run.push(next)
          node = next
        }
        runs.push(run)
      }
      feeders.push({ town, runs })
    }
  }
  return feeders
}

/** From all substations at once: each node's way back to the nearest one. */
function shortestPaths({ nodes, links }: RoadNetwork, townCount: number) {
  const cost = nodes.map((_, i) => (i < townCount ? 0 : Infinity))
  const parent = nodes.map(() => -1)
  const isDone = nodes.map(() => false)
  const order: number[] = []
  const open = new Set(Array.from({ length: townCount }, (_, i) => i))
  while (open.size > 0) {
    let node = -1
    for (const candidate of open) if (node < 0 || cost[candidate]! < cost[node]!) node = candidate
    open.delete(node)
    isDone[node] = true
    order.push(node)
    for (const next of links[node]!) {
      const [a, b] = [nodes[node]!, nodes[next]!]
      const reach = cost[node]! + Math.hypot(a[0] - b[0], a[1] - b[1])
      if (isDone[next] || reach >= cost[next]!) continue
      cost[next] = reach
      parent[next] = node
      open.add(next)
    }
  }
  return { parent, order }
}
