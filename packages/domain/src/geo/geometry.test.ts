import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bearingDeg,
  boxOf,
  distanceM,
  isInside,
  isPlace,
  type LonLat,
  type MultiPolygon,
  type Ring,
} from './geometry.ts'

const place = fc.tuple(
  fc.double({ min: -179, max: 179, noNaN: true }),
  fc.double({ min: -85, max: 85, noNaN: true }),
)
const degreeM = (Math.PI / 180) * 6_371_008.8
const square = (west: number, south: number, east: number, north: number): Ring => [
  [west, south],
  [east, south],
  [east, north],
  [west, north],
  [west, south],
]

describe('distanceM', () => {
  it('is a degree of a great circle along a meridian and the equator', () => {
    expect(distanceM([120, 30], [120, 31])).toBeCloseTo(degreeM, 3)
    expect(distanceM([10, 0], [11, 0])).toBeCloseTo(degreeM, 3)
    expect(distanceM([179.5, 0], [-179.5, 0])).toBeCloseTo(degreeM, 3)
    expect(distanceM([0, 0], [180, 0])).toBeCloseTo(180 * degreeM, 0)
  })

  it('is 0 to itself, the same both ways, and no longer than a way around', () => {
    fc.assert(
      fc.property(place, place, place, (a, b, c) => {
        expect(distanceM(a, a)).toBe(0)
        expect(distanceM(a, b)).toBeCloseTo(distanceM(b, a), 3)
        expect(distanceM(a, c)).toBeLessThanOrEqual(distanceM(a, b) + distanceM(b, c) + 0.1)
      }),
    )
  })
})

describe('bearingDeg', () => {
  it.each([
    [[0, 1], 0],
    [[1, 0], 90],
    [[0, -1], 180],
    [[-1, 0], 270],
  ] as [LonLat, number][])('to %o is %i', (to, bearing) => {
    expect(bearingDeg([0, 0], to)).toBeCloseTo(bearing, 9)
  })

  it('is at least 0 and less than 360', () => {
    fc.assert(
      fc.property(place, place, (a, b) => {
        const bearing = bearingDeg(a, b)
        expect(bearing >= 0 && bearing < 360).toBe(true)
      }),
    )
  })
})

describe('isInside', () => {
  const area: MultiPolygon = [[square(0, 0, 10, 10), square(4, 4, 6, 6)], [square(20, 0, 21, 1)]]

  it.each([
    [[1, 1], true],
    [[5, 5], false],
    [[5, 3.9], true],
    [[20.5, 0.5], true],
    [[15, 0.5], false],
    [[-1, 5], false],
    [[5, 11], false],
  ] as [LonLat, boolean][])('says of %o: %s', (at, expected) => {
    expect(isInside(at, area)).toBe(expected)
  })

  it('is never true of nothing', () => {
    expect(isInside([0, 0], [])).toBe(false)
    expect(isInside([0, 0], [[]])).toBe(false)
    expect(isInside([0, 0], [[[]]])).toBe(false)
  })

  it('gives a point on a shared border to exactly one of two neighbours', () => {
    const west: MultiPolygon = [[square(0, 0, 1, 1)]]
    const east: MultiPolygon = [[square(1, 0, 2, 1)]]
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 0.99, noNaN: true }), (lat) => {
        expect(Number(isInside([1, lat], west)) + Number(isInside([1, lat], east))).toBe(1)
      }),
    )
  })

  it('does not ask which way round or from which corner a ring is drawn', () => {
    const ring: LonLat[] = [
      [0, 0],
      [4, 0],
      [6, 3],
      [3, 7],
      [-1, 4],
    ]
    const closed = (corners: readonly LonLat[]): Ring => [...corners, corners[0]!]
    // Off the borders, which belong to one side by the way they are drawn.
    const coordinate = fc.integer({ min: -14, max: 56 }).map((step) => step / 7 + 0.0123)
    const inner = fc.tuple(coordinate, coordinate)
    fc.assert(
      fc.property(inner, fc.nat(4), (at, turn) => {
        const expected = isInside(at, [[closed(ring)]])
        const turned = [...ring.slice(turn), ...ring.slice(0, turn)]
        expect(isInside(at, [[closed(turned)]])).toBe(expected)
        expect(isInside(at, [[closed(turned.toReversed())]])).toBe(expected)
      }),
    )
  })
})

describe('boxOf', () => {
  it('is null for nothing, and holds every place, touching its outermost ones', () => {
    expect(boxOf([])).toBeNull()
    fc.assert(
      fc.property(fc.array(place, { minLength: 1 }), (places) => {
        const [west, south, east, north] = boxOf(places)!
        expect(west).toBe(Math.min(...places.map(([lon]) => lon)))
        expect(east).toBe(Math.max(...places.map(([lon]) => lon)))
        expect(south).toBe(Math.min(...places.map(([, lat]) => lat)))
        expect(north).toBe(Math.max(...places.map(([, lat]) => lat)))
      }),
    )
  })
})

it('isPlace takes what is on the earth', () => {
  expect(isPlace(180, -90)).toBe(true)
  for (const [lon, lat] of [
    [180.1, 0],
    [0, 90.1],
    [NaN, 0],
    [0, Infinity],
  ] as const)
    expect(isPlace(lon, lat)).toBe(false)
})
