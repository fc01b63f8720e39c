import type { Asset, Cover, Meter, MeterUse, Protector, Transformer } from './district.ts'
import { companyCode, streetName } from './names.ts'
import type { Path, Point } from './plane.ts'
import { add, normalOf, pathLength, pointAlong, times } from './plane.ts'
import type { FeederRun } from './power-lines.ts'
import { createRandom } from '../seeded/random.ts'
import type { Settlement } from './settlements.ts'
import { shareOut } from './settlements.ts'
import type { Streets } from './streets.ts'

export interface AssetCounts {
  readonly meters: number
  readonly protectors: number
  readonly covers: number
  readonly transformers: number
}

/** The usual mix of a county, 2,000 : 400 : 350 : 250; the parts sum to the total. */
export function countAssets(total: number): AssetCounts {
  const [meters, protectors, covers, transformers] = shareOut(total, [2_000, 400, 350, 250])
  return { meters: meters!, protectors: protectors!, covers: covers!, transformers: transformers! }
}

const code = (letter: string, n: number) => `${companyCode}-${letter}-${String(n).padStart(5, '0')}`

export interface Built {
  readonly settlement: Settlement
  readonly streets: Streets
}

export function makeAssets(
  seed: number,
  counts: AssetCounts,
  built: readonly Built[],
  runs: readonly FeederRun[],
): Asset[] {
  const random = createRandom(seed, 40)
  const assets: Asset[] = []
  const next = () => assets.length

  const stands: { transformer: number; settlement: Settlement; streets: Streets; block: number }[] = []
  const drafts: { -readonly [K in keyof Transformer]: Transformer[K] }[] = []
  for (const { settlement, streets } of built) {
    streets.blocks.forEach((block, i) => {
      const draft = makeTransformer(next(), drafts.length + 1, settlement, i, block.transformer, random)
      drafts.push(draft)
      stands.push({ transformer: draft.index, settlement, streets, block: i })
      assets.push(draft)
    })
  }

  const perTransformer = shareOut(
    counts.meters,
    stands.map(({ settlement }) => (settlement.isTown ? 1.5 : 1) * random.between(0.7, 1.3)),
  )
  const numberIn = new Map<number, number>()
  let meterNumber = 0
  stands.forEach((stand, s) => {
    const { street, lane } = stand.streets.blocks[stand.block]!
    const meters: number[] = []
    for (let k = 0; k < perTransformer[s]!; k++) {
      const number = (numberIn.get(stand.settlement.index) ?? 0) + 1
      numberIn.set(stand.settlement.index, number)
      const way = k % 3 === 2 ? lane : street
      const meter = makeMeter(next(), ++meterNumber, number, stand.settlement, stand.transformer, way, random)
      meters.push(meter.index)
      assets.push(meter)
    }
    drafts[s]!.meters = meters
  })

  let protectorNumber = 0
  const protect = (place: Point, name: string, transformer: number | null, ratedResidualMa: number) => {
    if (protectorNumber >= counts.protectors) return
    const item: Protector = {
      kind: 'protector',
      index: next(),
      code: code('P', ++protectorNumber),
      name,
      place,
      transformer,
      ratedResidualMa,
    }
    assets.push(item)
  }
  for (const draft of drafts) {
    protect(
      add(draft.place, [random.between(4, 8), random.between(-7, -3)]),
      `${draft.name} 总保护`,
      draft.index,
      300,
    )
  }
  const left = counts.protectors - protectorNumber
  for (const { place, name } of lineDevices(runs, left)) protect(place, name, null, 300)
  // A district smaller than its lines: what is left guards second outlets.
  for (let i = 0; protectorNumber < counts.protectors && drafts.length > 0; i++) {
    const draft = drafts[i % drafts.length]!
    protect(
      add(draft.place, [random.between(-9, -4), random.between(3, 9)]),
      `${draft.name} 分支保护`,
      draft.index,
      300,
    )
  }

  makeCovers(counts.covers, built, random).forEach((cover, i) => {
    assets.push({ ...cover, kind: 'cover', index: next(), code: code('C', i + 1) })
  })
  return assets
}

function makeTransformer(
  index: number,
  number: number,
  settlement: Settlement,
  block: number,
  place: Point,
  random: ReturnType<typeof createRandom>,
): Transformer {
  const { isTown, name } = settlement
  const ratedKva = random.pick(isTown ? [315, 400, 400, 500, 630] : [100, 160, 200, 200, 250, 315, 400])
  const shop = isTown ? random.between(0.25, 0.6) : random.between(0.02, 0.12)
  const pump = isTown ? 0 : random.next() < 0.3 ? random.between(0.15, 0.4) : random.between(0, 0.06)
  return {
    kind: 'transformer',
    index,
    code: code('T', number),
    name: `${name} ${block + 1} 号配变`,
    place,
    ratedKva,
    households: Math.round(ratedKva * random.between(0.35, 0.55)),
    mix: { household: 1 - shop - pump, shop, pump },
    meters: [],
    isTown,
  }
}

function makeMeter(
  index: number,
  number: number,
  numberInVillage: number,
  settlement: Settlement,
  transformer: number,
  way: Path,
  random: ReturnType<typeof createRandom>,
): Meter {
  const length = pathLength(way)
  const along = random.between(0.03, 0.97)
  const here = pointAlong(way, along * length)
  const ahead = pointAlong(way, Math.min(length, along * length + 5))
  const behind = pointAlong(way, Math.max(0, along * length - 5))
  const offset = random.between(9, 24) * (random.next() < 0.5 ? 1 : -1)
  const draw = random.next()
  const use: MeterUse = settlement.isTown
    ? draw < 0.28
      ? 'shop'
      : 'household'
    : draw < 0.05
      ? 'pump'
      : draw < 0.1
        ? 'shop'
        : 'household'
  const isThreePhase = use === 'pump' || (use === 'shop' && random.next() < 0.4)
  return {
    kind: 'meter',
    index,
    code: code('M', number),
    name: `${settlement.name} ${String(numberInVillage).padStart(3, '0')} 表`,
    place: add(here, times(normalOf(behind, ahead), offset)),
    use,
    phases: isThreePhase ? 'ABC' : random.pick(['A', 'B', 'C'] as const),
    transformer,
    farness: Math.min(1, Math.abs(along - 0.5) * 2 * random.between(0.6, 1)),
  }
}

/** First at every feeder's head, then where branches leave, then spread over the trunks. */
function lineDevices(runs: readonly FeederRun[], count: number): { place: Point; name: string }[] {
  const devices: { place: Point; name: string }[] = []
  const trunks = runs.filter(({ isTrunk }) => isTrunk)
  for (const { line, feederName } of trunks)
    devices.push({ place: line.path[0]!, name: `${feederName} 出线保护` })
  for (const { line, isTrunk } of runs) {
    if (!isTrunk) devices.push({ place: line.path[1] ?? line.path[0]!, name: `${line.name} 分支开关` })
  }
  if (devices.length >= count) return devices.slice(0, count)
  const spare = runs.filter(({ line }) => line.path.length > 6)
  const shares = shareOut(
    count - devices.length,
    spare.map(({ line }) => line.path.length),
  )
  spare.forEach(({ line }, i) => {
    const n = Math.min(shares[i]!, line.path.length - 2)
    for (let k = 1; k <= n; k++) {
      const tower = Math.floor((line.path.length * k) / (n + 1))
      devices.push({ place: line.path[tower]!, name: `${line.name} ${tower + 1} 号杆分段开关` })
    }
  })
  return devices
}

function makeCovers(count: number, built: readonly Built[], random: ReturnType<typeof createRandom>) {
  const towns = built.filter(({ settlement }) => settlement.isTown && settlement.transformers > 0)
  const shares = shareOut(
    count,
    towns.map(({ settlement }) => settlement.transformers),
  )
  return towns.flatMap(({ settlement, streets }, t) => {
    const ways = streets.ways
    const perWay = shareOut(shares[t]!, ways.map(pathLength))
    let number = 0
    return ways.flatMap((way, w) => {
      const length = pathLength(way)
      const street = streetName(Math.floor(w / 2) + settlement.index)
      return Array.from({ length: perWay[w]! }, (_, k): Pick<Cover, 'name' | 'place' | 'depthMm'> => {
        const at = pointAlong(way, (length * (k + 0.5)) / perWay[w]!)
        return {
          name: `${settlement.name}${street} ${String(++number).padStart(3, '0')} 号电缆井盖`,
          place: add(at, [random.between(-3, 3), random.between(-3, 3)]),
          depthMm: random.integer(1_400, 2_600),
        }
      })
    })
  })
}
