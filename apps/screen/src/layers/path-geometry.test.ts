import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLocalFrame } from '../globe/local-frame.ts'
import { dashes, pathPositions, simplify } from './path-geometry.ts'

const lengthOf = (positions: Float32Array) => {
  let sum = 0
  for (let i = 3; i < positions.length; i += 3)
    sum += Math.hypot(
      positions[i]! - positions[i - 3]!,
      positions[i + 1]! - positions[i - 2]!,
      positions[i + 2]! - positions[i - 1]!,
    )
  return sum
}

describe('paths', () => {
  const frame = createLocalFrame([118, 36.8])

  it('leaves no step longer than a mile', () => {
    const positions = pathPositions(
      frame,
      [
        [118, 36.8],
        [118.2, 36.9],
      ],
      10,
    )
    for (let i = 3; i < positions.length; i += 3)
      expect(
        Math.hypot(positions[i]! - positions[i - 3]!, positions[i + 1]! - positions[i - 2]!),
      ).toBeLessThan(1_609)
  })

  it('drops doubled places, and a path of one place altogether', () => {
    expect(
      pathPositions(
        frame,
        [
          [118, 36.8],
          [118, 36.8],
        ],
        0,
      ),
    ).toHaveLength(0)
    expect(
      pathPositions(
        frame,
        [
          [118, 36.8],
          [118, 36.8],
          [118.001, 36.8],
        ],
        0,
      ),
    ).toHaveLength(6)
  })

  it('simplifies within the tolerance, between the same ends', () => {
    const step = fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: -60, max: 60 }))
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 2, maxLength: 40 }),
        fc.integer({ min: 1, max: 60 }),
        (steps, toleranceM) => {
          let x = 0
          let y = 0
          const line = new Float32Array(steps.flatMap(([dx, dy]) => [(x += dx), (y += dy), 0]))
          const simple = simplify(line, toleranceM)
          expect(simple.slice(0, 3)).toEqual(line.slice(0, 3))
          expect(simple.slice(-3)).toEqual(line.slice(-3))
          for (let i = 0; i < line.length; i += 3) {
            let nearest = Infinity
            for (let j = 0; j + 3 < simple.length; j += 3) {
              const [ax, ay, bx, by] = [simple[j]!, simple[j + 1]!, simple[j + 3]!, simple[j + 4]!]
              const t =
                ((line[i]! - ax) * (bx - ax) + (line[i + 1]! - ay) * (by - ay)) /
                ((bx - ax) ** 2 + (by - ay) ** 2)
              const at = Math.min(1, Math.max(0, t))
              nearest = Math.min(
                nearest,
                Math.hypot(line[i]! - ax - (bx - ax) * at, line[i + 1]! - ay - (by - ay) * at),
              )
            }
            expect(nearest).toBeLessThanOrEqual(toleranceM + 0.01)
          }
        },
      ),
    )
  })

  it('cuts a line into dashes whose lengths are the line’s share', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 0, max: 500 })), {
          minLength: 2,
          maxLength: 12,
        }),
        fc.integer({ min: 5, max: 80 }),
        (steps, dashM) => {
          let x = 0
          let y = 0
          const line = new Float32Array(steps.flatMap(([dx, dy]) => [(x += dx), (y += dy), 0]))
          const cut = dashes(line, dashM, dashM)
          for (const dash of cut) expect(lengthOf(dash)).toBeLessThan(dashM + 0.5)
          const total = cut.reduce((sum, dash) => sum + lengthOf(dash), 0)
          expect(Math.abs(total - lengthOf(line) / 2)).toBeLessThan(dashM + 1)
        },
      ),
    )
  })
})
