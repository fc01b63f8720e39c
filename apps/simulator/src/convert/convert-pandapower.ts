import type { Path, Point } from '../district/plane.ts'
import { csvLine } from '../district/to-import.ts'
import { toPolygons, unionRings } from '../district/grids.ts'
import { divideArea } from './divide-area.ts'
import type { PandapowerNet, Row } from './pandapower-file.ts'
import { ConvertError, placesOf } from './pandapower-file.ts'

export interface Converted {
  readonly gridsJson: string
  readonly linesJson: string
  readonly assetsCsv: string
  readonly counts: {
    readonly grids: number
    readonly lines: number
    readonly assets: Readonly<Record<string, number>>
  }
  /** What the network has and the formats cannot hold, in words. */
  readonly leftOut: readonly string[]
}

export interface ConvertOptions {
  /** First part of every code, e.g. `OBR`. */
  readonly prefix: string
  readonly company: string
  readonly grids: number
}

const WIDEN_M = 700

/**
 * A medium-voltage network in the words of the grid: its area is split among patrol grids by where its buses lie; lines keep their real
 * course. A load is an MV/LV station and becomes a transformer with a meter beside it; a trafo (110/20 kV) a transformer;
 * a circuit breaker or load-break switch at a line's end a protector. Codes come from the rows' indexes, so converting twice gives the same.
 */
export function convertPandapower(net: PandapowerNet, { prefix, company, grids }: ConvertOptions): Converted {
  const buses = net.table('bus')
  const placeOfBus = new Map(
    [...buses].flatMap(([index, row]) =>
      placesOf(row)
        .slice(0, 1)
        .map((place) => [index, place] as const),
    ),
  )
  if (placeOfBus.size === 0)
    throw new ConvertError('no bus has a place (column geo): such a network cannot stand on a map')
  const plane = planeAround([...placeOfBus.values()])
  const { cells } = divideArea([...placeOfBus.values()].map(plane.toPlane), grids, WIDEN_M)
  const polygons = (own: typeof cells) =>
    toPolygons(unionRings(own)).map((polygon) =>
      polygon.map((ring) => [...ring, ring[0]!].map(plane.toPlace)),
    )
  const gridFeature = (
    code: string,
    name: string,
    parent: string | null,
    rank: string,
    own: typeof cells,
  ) => ({
    type: 'Feature',
    properties: { code, name, parent, rank },
    geometry: { type: 'MultiPolygon', coordinates: polygons(own) },
  })
  const lines = convertLines(net, prefix)
  const assets = convertAssets(net, prefix, placeOfBus)
  return {
    gridsJson: collection([
      gridFeature(prefix, company, null, '公司', cells),
      gridFeature(`${prefix}01`, `${company} 1 号供电所`, prefix, '供电所', cells),
      ...cells.map((cell, i) =>
        gridFeature(`${prefix}01-${pad(i + 1, 2)}`, `${i + 1} 号网格`, `${prefix}01`, '网格', [cell]),
      ),
    ]),
    linesJson: collection(lines.features),
    assetsCsv: [csvLine(assetColumns), ...assets.rows.map(csvLine), ''].join('\n'),
    counts: { grids: cells.length + 2, lines: lines.features.length, assets: assets.counts },
    leftOut: [...lines.leftOut, ...assets.leftOut, ...unusedTables(net)],
  }
}

const pad = (n: number, digits = 4) => String(n).padStart(digits, '0')
const collection = (features: readonly unknown[]) =>
  `${JSON.stringify({ type: 'FeatureCollection', features })}\n`
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const number = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null

function planeAround(places: readonly (readonly [number, number])[]) {
  const lon0 = places.reduce((sum, [lon]) => sum + lon, 0) / places.length
  const lat0 = places.reduce((sum, [, lat]) => sum + lat, 0) / places.length
  const [perLon, perLat] = [111_320 * Math.cos((lat0 * Math.PI) / 180), 110_900]
  const round = (degrees: number) => Math.round(degrees * 1e6) / 1e6
  return {
    toPlane: ([lon, lat]: readonly [number, number]): Point => [(lon - lon0) * perLon, (lat - lat0) * perLat],
    toPlace: ([x, y]: Path[number]): [number, number] => [round(lon0 + x / perLon), round(lat0 + y / perLat)],
  }
}

function convertLines(net: PandapowerNet, prefix: string) {
  const buses = net.table('bus')
  const leftOut: string[] = []
  const features = [...net.table('line')].flatMap(([index, row]) => {
    const coordinates = placesOf(row)
    if (coordinates.length < 2) {
      leftOut.push(`line ${index} (${text(row['name'])}) has no course`)
      return []
    }
    const standard = text(row['std_type'])
    const voltageKv = number(buses.get(Number(row['from_bus']))?.['vn_kv']) ?? 20
    const properties = {
      code: `${prefix}-L-${pad(index)}`,
      name: `${voltageKv}kV ${text(row['name']) || `Line ${index}`}`,
      voltage_kv: voltageKv,
      laying: isOverhead(row) ? 'overhead' : 'cable',
      grid: `${prefix}01`,
      std_type: standard,
      length_km: number(row['length_km']),
    }
    return [{ type: 'Feature', properties, geometry: { type: 'LineString', coordinates } }]
  })
  return { features, leftOut }
}

/** The type column says `ol` or `cs`; where it is silent the standard type does: 149-AL1/24-ST1A is a bare conductor, NA2XS2Y a cable. */
function isOverhead(row: Row): boolean {
  if (row['type'] === 'ol') return true
  return row['type'] !== 'cs' && /AL1\/|-ST1A/.test(text(row['std_type']))
}

const assetColumns = ['code', 'name', 'kind', 'lon', 'lat', 'bus', 'rated_kva', 'source']
type AssetRow = readonly (string | number)[]

function convertAssets(
  net: PandapowerNet,
  prefix: string,
  placeOfBus: ReadonlyMap<number, readonly [number, number]>,
) {
  const rows: AssetRow[] = []
  const counts: Record<string, number> = { transformer: 0, meter: 0, protector: 0 }
  const leftOut: string[] = []
  const usedAt = new Map<number, number>()
  const add = (
    kind: string,
    code: string,
    name: string,
    bus: number,
    ratedKva: number | null,
    source: string,
  ) => {
    const place = placeOfBus.get(bus)
    if (place === undefined) {
      leftOut.push(`${source}: bus ${bus} has no place`)
      return
    }
    // Things of one bus stand a few metres apart, else they would hide each other on the map.
    const nth = usedAt.get(bus) ?? 0
    usedAt.set(bus, nth + 1)
    const angle = nth * 2.4
    const away = nth === 0 ? 0 : 0.00008 * Math.sqrt(nth)
    const round = (degrees: number) => degrees.toFixed(6)
    const lon = round(place[0] + away * Math.cos(angle) * 1.5)
    const lat = round(place[1] + away * Math.sin(angle))
    rows.push([code, name, kind, lon, lat, bus, ratedKva ?? '', source])
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  for (const [index, row] of net.table('trafo')) {
    const kva = number(row['sn_mva'])
    add(
      'transformer',
      `${prefix}-HT-${pad(index)}`,
      text(row['name']) || `主变 ${index}`,
      Number(row['lv_bus']),
      kva === null ? null : kva * 1_000,
      `trafo ${index}`,
    )
  }
  for (const [index, row] of net.table('load')) {
    const bus = Number(row['bus'])
    const kva = Math.hypot(number(row['p_mw']) ?? 0, number(row['q_mvar']) ?? 0) * 1_000
    const name = text(row['name']) || `Load ${index}`
    add('transformer', `${prefix}-T-${pad(index)}`, `${name} 配变`, bus, Math.round(kva), `load ${index}`)
    add('meter', `${prefix}-M-${pad(index)}`, `${name} 关口表`, bus, null, `load ${index}`)
  }
  for (const [index, row] of net.table('switch')) {
    const type = text(row['type'])
    // A circuit breaker protects; of the load-break switches only the open ones (the tie points) matter to who watches the net.
    if (row['et'] !== 'l' || (type !== 'CB' && row['closed'] !== false)) continue
    add(
      'protector',
      `${prefix}-P-${pad(index)}`,
      `${text(row['name']) || `Switch ${index}`} 线路保护`,
      Number(row['bus']),
      null,
      `switch ${index}`,
    )
  }
  return { rows, counts, leftOut }
}

function unusedTables(net: PandapowerNet): string[] {
  const switches = net.table('switch')
  const unused: string[] = []
  const generators = net.table('sgen').size
  if (generators > 0) unused.push(`${generators} static generators: no kind of asset for them yet`)
  const plain = [...switches.values()].filter(
    (row) => row['et'] === 'l' && row['type'] !== 'CB' && row['closed'] !== false,
  ).length
  if (plain > 0) unused.push(`${plain} closed load-break switches: they measure nothing`)
  return unused
}
