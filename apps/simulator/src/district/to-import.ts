import type { ImportRequest } from '@gridkeeper/contracts'
import type { Asset, District } from './district.ts'
import { toPolygons, unionRings } from './grids.ts'
import { companyCode, companyName } from './names.ts'
import type { Path } from './plane.ts'
import { toLonLat } from './plane.ts'

interface Feature {
  readonly type: 'Feature'
  readonly properties: Readonly<Record<string, unknown>>
  readonly geometry: { readonly type: string; readonly coordinates: unknown }
}

const collection = (features: readonly Feature[]) => JSON.stringify({ type: 'FeatureCollection', features })
const feature = (properties: Feature['properties'], type: string, coordinates: unknown): Feature => ({
  type: 'Feature',
  properties,
  geometry: { type, coordinates },
})
const line = (path: Path) => path.map(toLonLat)
const closedRing = (ring: Path) => [...ring, ring[0]!].map(toLonLat)

/**
 * What the people's front door takes, in the order in which it has to be taken: what others refer to comes first. `via`: the login that speaks for all devices.
 */
export function toImports(district: District, via: string | null = null): ImportRequest[] {
  return [
    { format: 'grids', text: gridsJson(district) },
    { format: 'lines', text: linesJson(district) },
    { format: 'ground', text: groundJson(district) },
    ...(['transformer', 'protector', 'cover', 'meter'] as const).flatMap((kind): ImportRequest[] => {
      const assets = district.assets.filter((asset) => asset.kind === kind)
      return assets.length === 0 ? [] : [{ format: 'assets', text: assetsCsv(assets, district.assets, via) }]
    }),
    ...(district.keepers.length === 0
      ? []
      : [{ format: 'keepers' as const, text: keepersCsv(district, via) }]),
  ]
}

/** Company and stations are the exact unions of their patrol grids. */
export function gridsJson({ grids, stations }: District): string {
  const area = (own: typeof grids) =>
    toPolygons(unionRings(own.map(({ cell }) => cell))).map((polygon) => polygon.map(closedRing))
  const households = (own: typeof grids) => own.reduce((sum, grid) => sum + grid.households, 0)
  return collection([
    feature(
      { code: companyCode, name: companyName, parent: null, rank: '公司', households: households(grids) },
      'MultiPolygon',
      area(grids),
    ),
    ...stations.map((station, i) => {
      const own = grids.filter((grid) => grid.station === i)
      return feature(
        {
          code: station.code,
          name: station.name,
          parent: companyCode,
          rank: '供电所',
          households: households(own),
        },
        'MultiPolygon',
        area(own),
      )
    }),
    ...grids.map((grid) =>
      feature(
        {
          code: grid.code,
          name: grid.name,
          parent: stations[grid.station]!.code,
          rank: '网格',
          households: grid.households,
        },
        'MultiPolygon',
        toPolygons(grid.cell).map((polygon) => polygon.map(closedRing)),
      ),
    ),
  ])
}

/** Towers are left out: every vertex of an overhead line is one, as the format has it. */
export const linesJson = ({ lines, stations }: District): string =>
  collection(
    lines.map(({ code, name, voltageKv, laying, station, path }) =>
      feature(
        { code, name, voltage_kv: voltageKv, laying, grid: stations[station]!.code },
        'LineString',
        line(path),
      ),
    ),
  )

export const groundJson = ({ rivers, roads, villages }: District): string =>
  collection([
    ...rivers.map(({ name, path }, i) =>
      feature({ code: `${companyCode}-RIVER-${i + 1}`, name, class: 'river' }, 'LineString', line(path)),
    ),
    ...roads.map(({ kind, path }, i) =>
      feature(
        {
          code: `${companyCode}-ROAD-${i + 1}`,
          name: kind === 'county' ? `县道 ${i + 1}` : `村道 ${i + 1}`,
          class: 'road',
        },
        'LineString',
        line(path),
      ),
    ),
    ...villages.map(({ code, name, ways }) =>
      feature({ code: `${code}-W`, name: `${name}街巷`, class: 'road' }, 'MultiLineString', ways.map(line)),
    ),
    ...villages.map(({ code, name, ring }) =>
      feature({ code, name, class: 'village' }, 'Polygon', [line(ring)]),
    ),
  ])

/** RFC 4180. */
export const csvLine = (cells: readonly (string | number)[]): string =>
  cells
    .map(String)
    .map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(',')

const useNames = { household: '居民', shop: '商业', pump: '排灌' } as const

function attributesOf(asset: Asset, all: readonly Asset[]): Record<string, string | number> {
  switch (asset.kind) {
    case 'meter':
      return {
        transformer: all[asset.transformer]!.code,
        use: useNames[asset.use],
        phases: asset.phases,
        meter_type: asset.phases === 'ABC' ? '三相' : '单相',
      }
    case 'transformer':
      return { rated_kva: asset.ratedKva, households: asset.households }
    case 'protector':
      return {
        rated_residual_ma: asset.ratedResidualMa,
        transformer: asset.transformer === null ? '' : all[asset.transformer]!.code,
      }
    case 'cover':
      return { depth_mm: asset.depthMm }
  }
}

const viaColumn = (via: string | null) => (via === null ? [] : ['device_via'])
const cellOf = (via: string | null) => (via === null ? [] : [via])

/** Assets of one kind; the grid is left to the place. */
function assetsCsv(assets: readonly Asset[], all: readonly Asset[], via: string | null): string {
  const columns = Object.keys(attributesOf(assets[0]!, all))
  const rows = assets.map((asset) => {
    const [lon, lat] = toLonLat(asset.place)
    const cells = [asset.code, asset.name, asset.kind, lon, lat, ...Object.values(attributesOf(asset, all))]
    return csvLine([...cells, ...cellOf(via)])
  })
  return [csvLine(['code', 'name', 'kind', 'lon', 'lat', ...columns, ...viaColumn(via)]), ...rows, ''].join(
    '\n',
  )
}

const keepersCsv = ({ keepers, grids }: District, via: string | null): string =>
  [
    csvLine(['code', 'name', 'post', 'phone', 'grid', ...viaColumn(via)]),
    ...keepers.map(({ code, name, post, phone, grid }) =>
      csvLine([code, name, post, phone, grids[grid]!.code, ...cellOf(via)]),
    ),
    '',
  ].join('\n')
