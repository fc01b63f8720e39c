import { distanceM } from '@gridkeeper/domain'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLocalFrame, sagM } from './local-frame.ts'

const place = fc.tuple(
  fc.double({ min: -179, max: 179, noNaN: true }),
  fc.double({ min: -70, max: 70, noNaN: true }),
)
const offset = fc.tuple(
  fc.double({ min: -30_000, max: 30_000, noNaN: true }),
  fc.double({ min: -30_000, max: 30_000, noNaN: true }),
)

describe('local frame', () => {
  it('brings a place back to within a metre, anywhere a district may be', () => {
    fc.assert(
      fc.property(place, offset, (origin, [x, y]) => {
        const frame = createLocalFrame(origin)
        const [lon, lat] = frame.toPlace(x, y)
        const [backX, backY] = frame.toLocal(lon, lat)
        expect(Math.hypot(backX - x, backY - y)).toBeLessThan(1)
      }),
    )
  })

  it('keeps distances to within one percent of the sphere', () => {
    fc.assert(
      fc.property(place, offset, (origin, [x, y]) => {
        fc.pre(Math.hypot(x, y) > 10)
        const frame = createLocalFrame(origin)
        const ratio = distanceM(origin, frame.toPlace(x, y)) / Math.hypot(x, y)
        expect(Math.abs(ratio - 1)).toBeLessThan(0.01)
      }),
    )
  })

  it('puts height on the up axis, and lets the ground sink away from the tangent plane', () => {
    const frame = createLocalFrame([118.1, 36.8])
    expect(frame.toLocal(118.1, 36.8, 120)[2]).toBeCloseTo(120, 6)
    const [x, y, z] = frame.toLocal(118.4, 36.9)
    expect(-z / sagM(x, y)).toBeCloseTo(1, 1)
  })
})
