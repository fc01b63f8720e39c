import { companyCode } from './names.ts'
import type { PowerLine } from './district.ts'
import type { Feeder } from './feeders.ts'
import type { Path, Point } from './plane.ts'
import { distance, nearestOnPath, pathLength } from './plane.ts'
import type { RoadNetwork } from './roads.ts'
import type { Settlement } from './settlements.ts'
import { shifted, simplified, withTowers } from './shape-path.ts'
import type { Streets } from './streets.ts'

/** A 10 kV run as built, with what the assets along it need to know. */
export interface FeederRun {
  readonly line: PowerLine
  readonly isTrunk: boolean
  readonly feederName: string
}

const pad = (n: number, digits = 2) => String(n).padStart(digits, '0')
const stationCode = (station: number) => `${companyCode}${pad(station + 1)}`

/** 10 kV beside the roads: straighter than they are, towers every 70 m or so, each branch tied to the run that it leaves. */
export function buildFeeders(
  network: RoadNetwork,
  feeders: readonly Feeder[],
  settlements: readonly Settlement[],
  townNames: readonly string[],
): FeederRun[] {
  const settlementAt = new Map(
    settlements.map((settlement) => [network.nodeOf[settlement.index]!, settlement]),
  )
  const countOfTown = townNames.map(() => 0)
  const built: FeederRun[] = []
  for (const { town, runs } of feeders) {
    const number = ++countOfTown[town]!
    const placeName = (run: readonly number[]) =>
      settlementAt.get(run.findLast((node) => settlementAt.has(node))!)?.name ?? ''
    const feederName = `10kV ${placeName(runs[0]!).replace(/村$/, '')}线`
    const pathOfRun: Path[] = []
    runs.forEach((run, i) => {
      const straight = shifted(
        simplified(
          run.map((node) => network.nodes[node]!),
          38,
        ),
        -28,
      )
      const origin = runs.findIndex((other, k) => k < i && other.includes(run[0]!))
      const tie = origin >= 0 && i > 0 ? nearestTower(pathOfRun[origin]!, network.nodes[run[0]!]!) : undefined
      const path = withTowers(
        tie === undefined ? straight : [tie, ...withoutNear(straight.slice(1), tie)],
        70,
      )
      pathOfRun.push(path)
      if (path.length < 2) return
      built.push({
        isTrunk: i === 0,
        feederName,
        line: {
          code: `${stationCode(town)}-F${pad(number)}${i === 0 ? '' : `-B${pad(i)}`}`,
          name: i === 0 ? feederName : `${feederName} ${placeName(run)}支线`,
          voltageKv: 10,
          laying: 'overhead',
          station: town,
          path,
        },
      })
    })
  }
  return built
}

const nearestTower = (path: Path, place: Point): Point => {
  const near = nearestOnPath(place, path)
  return path.reduce((best, tower) => (distance(tower, near) < distance(best, near) ? tower : best))
}

/** A branch that would begin by doubling back on itself begins at its next corner. */
const withoutNear = (path: Path, place: Point): Path => {
  const rest = path.filter((point) => distance(point, place) > 45)
  return rest.length > 0 ? rest : path.slice(-1)
}

/** 10 kV inside settlements (cable in towns, overhead in villages) and 0.4 kV along their streets with poles every 40 m. */
export function buildLocalLines(settlement: Settlement, streets: Streets, station: number): PowerLine[] {
  const place = pad(settlement.index + 1, 3)
  const spurs = streets.spurs
    .filter((path) => pathLength(path) > 15)
    .map((path, i): PowerLine => ({
      code: `${stationCode(station)}-S${place}-${pad(i + 1)}`,
      name: `10kV ${settlement.name} ${i + 1} 号分支`,
      voltageKv: 10,
      laying: settlement.isTown ? 'cable' : 'overhead',
      station,
      path: settlement.isTown ? path : withTowers(path, 65),
    }))
  const low = streets.blocks.flatMap(({ street, lane }, i) =>
    [street, lane].map((way, k): PowerLine => ({
      code: `${stationCode(station)}-L${place}-${pad(i + 1)}${k === 0 ? 'A' : 'B'}`,
      name: `0.4kV ${settlement.name} ${i + 1} 号台区${k === 0 ? '主线' : '支线'}`,
      voltageKv: 0.4,
      laying: 'overhead',
      station,
      path: withTowers(simplified(shifted(way, 5), 1.5), 40),
    })),
  )
  return [...spurs, ...low]
}

/** 35 kV from town to town, straight across country with towers every 220 m. */
export function buildSubTransmission(towns: readonly Point[], names: readonly string[]): PowerLine[] {
  const joined = [0]
  const lines: PowerLine[] = []
  while (joined.length < towns.length) {
    let best: [number, number] = [joined[0]!, -1]
    let bestLength = Infinity
    for (const from of joined) {
      towns.forEach((town, to) => {
        const length = distance(towns[from]!, town)
        if (!joined.includes(to) && length < bestLength) [best, bestLength] = [[from, to], length]
      })
    }
    const [from, to] = best
    joined.push(to)
    const [a, b] = [towns[from]!, towns[to]!]
    const side = 0.07 * (lines.length % 2 === 0 ? 1 : -1)
    const corner = (part: number): Point => [
      a[0] + (b[0] - a[0]) * part - (b[1] - a[1]) * side,
      a[1] + (b[1] - a[1]) * part + (b[0] - a[0]) * side,
    ]
    lines.push({
      code: `${companyCode}-H${pad(lines.length + 1)}`,
      name: `35kV ${names[from]!.slice(0, 1)}${names[to]!.slice(0, 1)}线`,
      voltageKv: 35,
      laying: 'overhead',
      station: to,
      path: withTowers(
        [a, corner(0.3), corner(0.66), b].map(([x, y]): Point => [x + 90, y + 60]),
        220,
      ),
    })
  }
  return lines
}
