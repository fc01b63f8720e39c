import { isInside } from '@gridkeeper/domain'
import type { MultiPolygon } from '@gridkeeper/domain'
import polygonClipping from 'polygon-clipping'
import { describe, expect, it, vi } from 'vitest'
import { createRandom } from '../seeded/random.ts'
import { cellArea } from './cells.ts'
import { unionRings } from './grids.ts'
import { makeDistrict } from './make-district.ts'
import { ringArea } from './outline.ts'
import { distance, distanceToPath } from './plane.ts'
import { gridsJson, groundJson, linesJson, toImports } from './to-import.ts'

// Whole districts are made and walked here, on cores that others use too.
vi.setConfig({ testTimeout: 60_000 })

const size = { seed: 1, assets: 3_000, stations: 8, grids: 60, keepers: 40 }
const district = makeDistrict(size)

interface GridFeature {
  properties: { code: string; parent: string | null }
  geometry: { coordinates: MultiPolygon }
}
const gridFeatures = (JSON.parse(gridsJson(district)) as { features: GridFeature[] }).features
const patrolGrids = gridFeatures.slice(1 + size.stations)
const company = gridFeatures[0]!.geometry.coordinates

describe('the fictional district', () => {
  it('is the same for the same seed and another for another', () => {
    expect(JSON.stringify(makeDistrict(size))).toBe(JSON.stringify(district))
    expect(makeDistrict({ ...size, seed: 2 }).outline).not.toEqual(district.outline)
  })

  it.each([
    [500, 60],
    [3_000, 60],
    [20_000, 60],
    [3_000, 120],
    [40, 8],
  ])('has exactly the assets asked for: %i in %i grids', (assets, grids) => {
    const made = makeDistrict({ ...size, assets, grids })
    expect(made.assets).toHaveLength(assets)
    expect(new Set(made.assets.map(({ code }) => code)).size).toBe(assets)
    made.assets.forEach((asset, i) => expect(asset.index).toBe(i))
    expect(new Set(made.lines.map(({ code }) => code)).size).toBe(made.lines.length)
    expect(new Set(made.grids.map(({ code }) => code)).size).toBe(grids)
    expect(made.lines.every(({ path }) => path.length >= 2)).toBe(true)
  })

  it('mixes kinds as a county does', () => {
    const count = (kind: string) => district.assets.filter((asset) => asset.kind === kind).length
    expect([count('meter'), count('protector'), count('cover'), count('transformer')]).toEqual([
      2_000, 400, 350, 250,
    ])
  })
})

describe('its patrol grids', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'cover the county without overlap or gap (seed %i)',
    (seed) => {
      const { grids } = makeDistrict({ ...size, seed, assets: 300 })
      const rings = unionRings(grids.map(({ cell }) => cell))
      expect(rings).toHaveLength(1)
      const sum = grids.reduce((total, { cell }) => total + cellArea(cell), 0)
      expect(sum).toBeCloseTo(ringArea(rings[0]!), 0)
      // Areas alone would not see a border that crosses itself; the union by another algorithm does.
      const asPairs = (ring: readonly (readonly [number, number])[]) => [
        ring.map(([x, y]): [number, number] => [x, y]),
      ]
      const [first, ...others] = grids.flatMap(({ cell }) => cell.map(asPairs))
      const united = polygonClipping.union(first!, ...others)
      const area = united.flat().reduce((total, ring) => total + Math.abs(ringArea(ring.slice(0, -1))), 0)
      expect(Math.abs(area - sum) / sum).toBeLessThan(1e-6)
    },
    30_000,
  )

  it('hold any place of the county in exactly one, also after rounding to degrees', () => {
    const random = createRandom(7, 7)
    let inside = 0
    for (let i = 0; i < 4_000; i++) {
      const place = [113.4 + random.between(-0.22, 0.22), 30.2 + random.between(-0.15, 0.15)] as const
      const holders = patrolGrids.filter(({ geometry }) => isInside(place, geometry.coordinates)).length
      const isCounty = isInside(place, company)
      expect(holders).toBe(isCounty ? 1 : 0)
      if (isCounty) inside++
    }
    expect(inside).toBeGreaterThan(2_000)
  })

  it('make up their station, each of one piece without holes', () => {
    for (let station = 0; station < size.stations; station++) {
      const own = district.grids.filter((grid) => grid.station === station)
      expect(own.length).toBeGreaterThan(1)
      const rings = unionRings(own.map(({ cell }) => cell))
      expect(rings).toHaveLength(1)
    }
  })
})

describe('its things', () => {
  it('stand in the county, each asset in one patrol grid', () => {
    for (const request of toImports(district).filter(({ format }) => format === 'assets')) {
      for (const row of request.text.trim().split('\n').slice(1)) {
        const [, , , lon, lat] = row.split(',')
        const place = [Number(lon), Number(lat)] as const
        expect(patrolGrids.filter(({ geometry }) => isInside(place, geometry.coordinates))).toHaveLength(1)
      }
    }
  })

  it('puts every device behind the login that is named, and behind none otherwise', () => {
    const csvOf = (via: string | null) =>
      toImports(district, via).filter(({ format }) => format === 'assets' || format === 'keepers')
    for (const { text } of csvOf('sim:district')) {
      const [header = '', ...rows] = text.trim().split('\n')
      expect(header).toMatch(/,device_via$/)
      expect(rows.filter((row) => !row.endsWith(',sim:district'))).toEqual([])
    }
    expect(csvOf(null).filter(({ text }) => text.includes('device_via'))).toEqual([])
  })

  it('stay out of the rivers', () => {
    for (const { place } of district.assets.filter(
      ({ kind }) => kind === 'meter' || kind === 'transformer',
    )) {
      for (const river of district.rivers) expect(distanceToPath(place, river.path)).toBeGreaterThan(60)
    }
  })

  it('have towers 60 to 80 m apart on the 10 kV trunks, give or take a corner', () => {
    const spans = district.lines
      .filter(({ code }) => /-F\d+$/.test(code))
      .flatMap(({ path }) => path.slice(1).map((tower, i) => distance(path[i]!, tower)))
    const usual = spans.filter((span) => span >= 55 && span <= 85).length
    expect(usual / spans.length).toBeGreaterThan(0.95)
  })

  it('keep meters within a house of the poles that feed them', () => {
    const poles = district.lines.filter(({ voltageKv }) => voltageKv === 0.4)
    for (const meter of district.assets.filter(({ kind }) => kind === 'meter').slice(0, 200)) {
      expect(Math.min(...poles.map(({ path }) => distanceToPath(meter.place, path)))).toBeLessThan(40)
    }
  })

  it('are named and coded within the limits of the contract', () => {
    for (const asset of district.assets) expect(asset.code).toMatch(/^[A-Za-z0-9._:-]{1,64}$/)
    expect(JSON.parse(linesJson(district))).toHaveProperty('features.0.properties.voltage_kv', 35)
    expect(JSON.parse(groundJson(district))).toHaveProperty('features.0.properties.class', 'river')
  })
})
