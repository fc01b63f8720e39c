import { createRandom } from '../seeded/random.ts'
import type { Cell } from './cells.ts'
import { makeCells, spreadSites } from './cells.ts'
import type { District, DistrictSize, Keeper, PatrolGrid } from './district.ts'
import { makeFeeders } from './feeders.ts'
import { chooseTowns, growStations, withCrookedBorders } from './grids.ts'
import type { AssetCounts } from './make-assets.ts'
import { countAssets, makeAssets } from './make-assets.ts'
import { companyCode, createPersonNames, createVillageNames, maskedPhone, townName } from './names.ts'
import { makeOutline } from './outline.ts'
import type { Path, Point } from './plane.ts'
import { minus } from './plane.ts'
import { buildFeeders, buildLocalLines, buildSubTransmission } from './power-lines.ts'
import { makeRivers } from './rivers.ts'
import type { RoadNetwork } from './roads.ts'
import { makeRoads } from './roads.ts'
import type { Settlement } from './settlements.ts'
import { awayFromRivers, placeVillages, shareOut } from './settlements.ts'
import { makeStreets } from './streets.ts'

const pad = (n: number) => String(n).padStart(2, '0')

/** The radius of the county: 60 grids fill about 40 × 30 km; more or fewer keep their size, within what a county may be. */
const radiusFor = (grids: number) => 17_000 * Math.min(2, Math.max(0.5, Math.sqrt(grids / 60)))

/** Makes the whole county. Pure: the same size gives the same district to the last digit. */
export function makeDistrict(size: DistrictSize): District {
  if (size.stations > size.grids) throw new RangeError('a district needs at least one grid a station')
  const { seed } = size
  const counts = countAssets(size.assets)
  const radius = radiusFor(size.grids)
  const outline = makeOutline(seed, radius)
  const rivers = makeRivers(seed, outline, radius)
  const riverPaths = rivers.map(({ path }) => path)

  const sites = spreadSites(seed, size.grids, outline)
  const towns = chooseTowns(sites, makeCells(sites, outline), size.stations)
  // A town's half width grows with its transformers; its houses stay off the water as well.
  const townRadius = 550 + 120 * Math.sqrt((counts.transformers / size.stations) * 0.3)
  for (const town of towns) sites[town] = awayFromRivers(sites[town]!, riverPaths, townRadius)
  const plainCells = makeCells(sites, outline)
  const stationOf = growStations(sites, plainCells, towns)
  const cells = withCrookedBorders(plainCells, seed)

  const settlements = makeSettlements(size, counts, sites, cells, towns, riverPaths)
  const townPlaces = towns.map((town) => sites[town]!)
  const network = makeRoads(
    seed,
    townPlaces,
    settlements.slice(towns.length).map(({ centre }) => centre),
    riverPaths,
  )
  const fed = settlements.filter(({ transformers }) => transformers > 0).map(({ index }) => index)
  const townNames = towns.map((_, i) => townName(i))
  const runs = buildFeeders(network, makeFeeders(network, towns.length, fed), settlements, townNames)
  const built = settlements.map((settlement) => ({
    settlement,
    streets: makeStreets(
      seed,
      settlement.index,
      settlement.centre,
      roadDirection(network, settlement),
      Math.max(1, settlement.transformers),
    ),
  }))
  const live = built.filter(({ settlement }) => settlement.transformers > 0)
  const assets = makeAssets(seed, counts, live, runs)

  const households = cells.map(() => 0)
  let t = 0
  const transformers = assets.filter((asset) => asset.kind === 'transformer')
  for (const { settlement } of live) {
    for (let k = 0; k < settlement.transformers; k++)
      households[settlement.grid]! += transformers[t++]?.households ?? 0
  }
  return {
    outline,
    rivers,
    roads: network.roads,
    stations: towns.map((town, i) => ({
      code: `${companyCode}${pad(i + 1)}`,
      name: `${townNames[i]!}供电所`,
      town: sites[town]!,
    })),
    grids: nameGrids(cells, stationOf, settlements, households),
    villages: built.map(({ settlement, streets }) => ({
      code: `${companyCode}-V${String(settlement.index + 1).padStart(3, '0')}`,
      name: settlement.isTown ? `${settlement.name}镇` : settlement.name,
      ring: streets.ring,
      ways: streets.ways,
    })),
    lines: [
      ...buildSubTransmission(townPlaces, townNames),
      ...runs.map(({ line }) => line),
      ...live.flatMap(({ settlement, streets }) =>
        buildLocalLines(settlement, streets, stationOf[settlement.grid]!),
      ),
    ],
    assets,
    keepers: makeKeepers(seed, size.keepers, size.grids),
  }
}

/** Towns first, then the villages of each grid. A town needs several transformers, a village one to three. */
function makeSettlements(
  size: DistrictSize,
  counts: AssetCounts,
  sites: readonly Point[],
  cells: readonly Cell[],
  towns: readonly number[],
  rivers: readonly Path[],
): Settlement[] {
  const random = createRandom(size.seed, 50)
  const nextName = createVillageNames(random)
  const perGrid = Math.min(5, Math.max(2, (counts.transformers * 0.62) / size.grids))
  const townPlaces = towns.map((town) => sites[town]!)
  const villages: { grid: number; centre: Point }[] = []
  cells.forEach((cell, grid) => {
    if (cell.length === 0) return
    const wanted = Math.max(
      1,
      Math.round(perGrid * random.between(0.6, 1.4)) - (towns.includes(grid) ? 1 : 0),
    )
    const taken = [...townPlaces, ...villages.map(({ centre }) => centre)]
    for (const centre of placeVillages(size.seed, grid, cell, wanted, taken, rivers))
      villages.push({ grid, centre })
  })
  const weights = [
    ...towns.map((_, i) => (i === 0 ? 11 : 6)),
    ...villages.map(() => (random.next() < 0.75 ? 0.9 : random.between(1.2, 2.4))),
  ]
  const transformers = shareOut(counts.transformers, weights)
  return [
    ...towns.map((grid, i) => ({ grid, isTown: true, centre: sites[grid]!, name: townName(i) })),
    ...villages.map((village) => ({ ...village, isTown: false, name: nextName() })),
  ].map((settlement, index) => ({ ...settlement, index, transformers: transformers[index]! }))
}

/** Numbers run from west to east inside a station; a grid bears the name of its largest place. */
function nameGrids(
  cells: readonly Cell[],
  stationOf: readonly number[],
  settlements: readonly Settlement[],
  households: readonly number[],
): PatrolGrid[] {
  const west = (cell: Cell) => Math.min(...cell.flat().map(([x]) => x))
  const order = cells.map((_, i) => i).sort((a, b) => west(cells[a]!) - west(cells[b]!) || a - b)
  const next = new Map<number, number>()
  const numbers = new Map(
    order.map((cell) => {
      const number = (next.get(stationOf[cell]!) ?? 0) + 1
      next.set(stationOf[cell]!, number)
      return [cell, number]
    }),
  )
  return cells.map((cell, i) => {
    const inside = settlements.filter(({ grid }) => grid === i)
    const main =
      inside.find(({ isTown }) => isTown) ?? [...inside].sort((a, b) => b.transformers - a.transformers)[0]
    const number = numbers.get(i)!
    return {
      code: `${companyCode}${pad(stationOf[i]! + 1)}-${pad(number)}`,
      name:
        main === undefined ? `第 ${number} 网格` : main.isTown ? `${main.name}街道网格` : `${main.name}网格`,
      station: stationOf[i]!,
      cell,
      households: households[i]!,
    }
  })
}

function roadDirection({ nodes, links, nodeOf }: RoadNetwork, { index }: Settlement): number {
  const node = nodeOf[index]!
  const next = links[node]![0]
  if (next === undefined) return 0
  const [x, y] = minus(nodes[next]!, nodes[node]!)
  return Math.atan2(y, x)
}

function makeKeepers(seed: number, count: number, grids: number): Keeper[] {
  const random = createRandom(seed, 60)
  const nextName = createPersonNames(random)
  return Array.from({ length: count }, (_, index) => ({
    index,
    code: `${companyCode}-K-${String(index + 1).padStart(3, '0')}`,
    name: nextName(),
    post: index % 3 === 2 ? '网格员' : '护线员',
    phone: maskedPhone(random),
    grid: Math.floor((index * grids) / count) % grids,
  }))
}
