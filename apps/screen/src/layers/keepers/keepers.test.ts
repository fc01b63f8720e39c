import type { KeeperChange } from '@gridkeeper/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { basisOf } from '../../globe/camera/project.ts'
import { glideAt, isOver, startGlide } from './glide.ts'
import { initialOf, keeperVisual, screenTurnRad, staleMs, wedgeCorners } from './keeper-visual.ts'
import { extendTrail, mostTrailPoints, trailAlpha, trailMs, type TrailPoint } from './trail.ts'

const keeper = { id: 1, code: 'k1', name: '王建国', post: '护线员', gridId: null }
const change: KeeperChange = {
  id: 1,
  timeMs: 1_000_000,
  lon: 118,
  lat: 36,
  bearingDeg: 90,
  speedMps: 1,
  accuracyM: 5,
  batteryPct: 80,
  state: 1,
}

describe('trail', () => {
  it('stays bounded, in order, within ten minutes, and ends at the newest fix', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40_000 }), { minLength: 1, maxLength: 400 }), (gaps) => {
        let timeMs = 0
        let trail: TrailPoint[] = []
        for (const gap of gaps) {
          timeMs += gap
          trail = extendTrail(trail, { x: timeMs, y: 0, timeMs })
        }
        expect(trail.length).toBeLessThanOrEqual(mostTrailPoints)
        expect(trail.at(-1)!.timeMs).toBe(timeMs)
        expect(timeMs - trail[0]!.timeMs).toBeLessThanOrEqual(trailMs)
        expect(trail.map((point) => point.timeMs)).toEqual(
          trail.map((point) => point.timeMs).toSorted((a, b) => a - b),
        )
      }),
    )
  })

  it('fades with age to nothing', () => {
    expect(trailAlpha(0)).toBeGreaterThan(trailAlpha(trailMs / 2))
    expect(trailAlpha(trailMs)).toBe(0)
    expect(trailAlpha(trailMs * 3)).toBe(0)
  })
})

describe('glide', () => {
  it('starts where the keeper is seen and ends at the fix', () => {
    const glide = startGlide({ x: 0, y: 0 }, { x: 10, y: 20 }, 5_000, 100)
    expect(glideAt(glide, 100)).toEqual({ x: 0, y: 0 })
    expect(glideAt(glide, 2_600)).toEqual({ x: 5, y: 10 })
    expect(glideAt(glide, 9_000)).toEqual({ x: 10, y: 20 })
    expect(isOver(glide, 5_100)).toBe(true)
  })

  it('does not glide across a jump, nor to a first fix', () => {
    expect(isOver(startGlide({ x: 0, y: 0 }, { x: 9_000, y: 0 }, 5_000, 0), 0)).toBe(true)
    expect(isOver(startGlide({ x: 0, y: 0 }, { x: 9, y: 0 }, null, 0), 0)).toBe(true)
  })
})

describe('keeper', () => {
  it('is hidden off duty and dimmed when his position is old', () => {
    expect(keeperVisual(keeper, { ...change, state: 0 }, null, 'near')).toBeNull()
    expect(keeperVisual(keeper, undefined, null, 'near')).toBeNull()
    expect(keeperVisual(keeper, change, change.timeMs! + staleMs + 1, 'far')!.alpha).toBeLessThan(1)
    expect(keeperVisual(keeper, change, change.timeMs, 'far')!.alpha).toBe(1)
  })

  it('shows the initial near, and no wedge without a bearing', () => {
    expect(keeperVisual(keeper, change, null, 'near')!.image).toContain('王')
    expect(keeperVisual(keeper, { ...change, bearingDeg: null }, null, 'near')!.wedge).toBeNull()
    expect(initialOf('anna')).toBe('A')
  })

  it('turns with the view: a bearing along the heading points up', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 359 }),
        fc.integer({ min: 35, max: 89 }),
        (headingDeg, pitchDeg) => {
          const basis = basisOf({ x: 0, y: 0, rangeM: 1_000, headingDeg, pitchDeg })
          expect(screenTurnRad(headingDeg, basis)).toBeCloseTo(0, 6)
          expect(screenTurnRad(headingDeg + 90, basis)).toBeCloseTo(Math.PI / 2, 6)
        },
      ),
    )
  })

  it('has a wedge with even sides', () => {
    const [tip, right, left] = wedgeCorners(10, 6, 40)
    expect(tip).toEqual([0, -10])
    expect(right![0]).toBeCloseTo(-left![0])
    expect(right![1]).toBeCloseTo(left![1])
  })
})
