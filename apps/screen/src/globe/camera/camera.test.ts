import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitPose } from './fit-box.ts'
import { panPose, zoomPose } from './move-pose.ts'
import { clampPose, poseBetween, turnDeg, type Pose, type PoseLimits } from './pose.ts'
import { basisOf, groundAt, project, type Viewport } from './project.ts'

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const pose: fc.Arbitrary<Pose> = fc.record({
  x: number(-20_000, 20_000),
  y: number(-20_000, 20_000),
  rangeM: number(150, 60_000),
  headingDeg: number(0, 359.9),
  pitchDeg: number(35, 85),
})
const viewport: fc.Arbitrary<Viewport> = fc.record({
  width: number(360, 3_840),
  height: number(640, 2_160),
  fovyRad: fc.constant(0.7),
})
const limits: PoseLimits = {
  west: -1,
  south: -1,
  east: 1,
  north: 1,
  minRangeM: 100,
  maxRangeM: 9_000,
  minPitchDeg: 30,
  maxPitchDeg: 88,
}

describe('camera', () => {
  it('finds the ground under a pixel where that ground is drawn', () => {
    fc.assert(
      fc.property(pose, viewport, number(0, 1), number(0.2, 1), (at, view, across, down) => {
        const basis = basisOf(at)
        const ground = groundAt(basis, view, across * view.width, down * view.height)
        fc.pre(ground !== null)
        const seen = project(basis, view, ground[0], ground[1], basis.targetZ)!
        expect(seen.px).toBeCloseTo(across * view.width, 3)
        expect(seen.py).toBeCloseTo(down * view.height, 3)
      }),
    )
  })

  it('fits any box into the free part of any screen, and not loosely', () => {
    const free = { left: 60, right: 40, top: 64, bottom: 56 }
    fc.assert(
      fc.property(
        viewport,
        number(500, 40_000),
        number(500, 40_000),
        number(45, 60),
        (view, east, north, pitchDeg) => {
          const corners = [
            [0, 0],
            [east, 0],
            [east, north],
            [0, north],
          ] as const
          const fitted = fitPose(corners, view, free, { headingDeg: 0, pitchDeg })
          const seen = corners.map(([x, y]) => project(basisOf(fitted), view, x, y, basisOf(fitted).targetZ)!)
          const left = Math.min(...seen.map((at) => at.px))
          const right = Math.max(...seen.map((at) => at.px))
          const top = Math.min(...seen.map((at) => at.py))
          const bottom = Math.max(...seen.map((at) => at.py))
          expect(left).toBeGreaterThanOrEqual(free.left - 1)
          expect(right).toBeLessThanOrEqual(view.width - free.right + 1)
          expect(top).toBeGreaterThanOrEqual(free.top - 1)
          expect(bottom).toBeLessThanOrEqual(view.height - free.bottom + 1)
          const filled = Math.max(
            (right - left) / (view.width - free.left - free.right),
            (bottom - top) / (view.height - free.top - free.bottom),
          )
          expect(filled).toBeGreaterThan(0.9)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('keeps every pose inside its limits', () => {
    fc.assert(
      fc.property(pose, (wild) => {
        const tame = clampPose({ ...wild, pitchDeg: wild.pitchDeg * 3 - 90 }, limits)
        expect(Math.abs(tame.x)).toBeLessThanOrEqual(1)
        expect(tame.rangeM).toBeLessThanOrEqual(9_000)
        expect(tame.pitchDeg).toBeGreaterThanOrEqual(30)
        expect(tame.pitchDeg).toBeLessThanOrEqual(88)
      }),
    )
  })

  it('flies from its start to its end, never below the nearer of the two', () => {
    fc.assert(
      fc.property(pose, pose, number(0, 1), (from, to, t) => {
        expect(poseBetween(from, to, 0)).toEqual(from)
        expect(poseBetween(from, to, 1)).toEqual(to)
        expect(poseBetween(from, to, t).rangeM).toBeGreaterThanOrEqual(
          Math.min(from.rangeM, to.rangeM) * 0.999,
        )
      }),
    )
  })

  it('turns the short way', () => {
    expect(turnDeg(350, 10)).toBe(20)
    expect(turnDeg(10, 350)).toBe(-20)
  })

  it('keeps the ground under the hand while it pans and zooms', () => {
    fc.assert(
      fc.property(pose, viewport, number(0.3, 0.9), (at, view, down) => {
        const hand = { px: view.width * 0.3, py: view.height * down }
        const held = groundAt(basisOf(at), view, hand.px, hand.py)
        fc.pre(held !== null && Math.hypot(held[0] - at.x, held[1] - at.y) < 5 * at.rangeM)
        const zoomed = groundAt(basisOf(zoomPose(at, view, hand, 0.5)), view, hand.px, hand.py)!
        const to = { px: view.width * 0.5, py: view.height * 0.6 }
        const panned = groundAt(basisOf(panPose(at, view, hand, to)), view, to.px, to.py)!
        // The ground's own curve moves by a hand's breadth.
        const slack = 0.03 * at.rangeM + 40
        expect(Math.hypot(zoomed[0] - held[0], zoomed[1] - held[1])).toBeLessThan(slack)
        expect(Math.hypot(panned[0] - held[0], panned[1] - held[1])).toBeLessThan(slack)
      }),
    )
  })
})
