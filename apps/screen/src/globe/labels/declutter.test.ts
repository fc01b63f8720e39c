import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeView } from '../view.ts'
import { declutter, roomOf, textEms } from './declutter.ts'
import type { Label } from './label.ts'

const view = describeView(
  { x: 0, y: 0, rangeM: 8_000, headingDeg: 0, pitchDeg: 50 },
  { width: 1_920, height: 1_080, fovyRad: 0.66 },
  1,
  10_000,
)
const label: fc.Arbitrary<Label> = fc.record({
  key: fc.uuid(),
  x: fc.double({ min: -4_000, max: 4_000, noNaN: true }),
  y: fc.double({ min: -4_000, max: 4_000, noNaN: true }),
  z: fc.constant(0),
  look: fc.constant('grid' as const),
  text: fc.constantFrom('河东网格', '开发区第二网格', 'East'),
  priority: fc.integer({ min: 0, max: 5 }),
})

describe('declutter', () => {
  it('never puts one label over another, nor more than allowed', () => {
    fc.assert(
      fc.property(fc.array(label, { maxLength: 60 }), fc.integer({ min: 1, max: 30 }), (labels, limit) => {
        const placed = declutter(labels, view, limit)
        expect(placed.length).toBeLessThanOrEqual(limit)
        for (const [i, a] of placed.entries())
          for (const b of placed.slice(i + 1)) {
            const across = (roomOf(a.label).width + roomOf(b.label).width) / 2
            const down = (roomOf(a.label).height + roomOf(b.label).height) / 2
            expect(Math.abs(a.px - b.px) >= across || Math.abs(a.py - b.py) >= down).toBe(true)
          }
      }),
    )
  })

  it('lets the greatest priority stand', () => {
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 40 }), (labels) => {
        const inSight = declutter(labels, view, 1)[0]
        fc.pre(inSight !== undefined)
        const urgent = { ...inSight.label, key: 'urgent', priority: 9 }
        expect(declutter([...labels, urgent], view, 99)[0]!.label.key).toBe('urgent')
      }),
    )
  })

  it('gives up a name before it gives up a count', () => {
    const counted = (key: string): Label => ({
      key,
      x: 0,
      y: 0,
      z: 0,
      look: 'grid',
      text: '开发区第二网格',
      counts: [{ state: 'warning', text: '3' }],
      priority: 1,
      whenTight: ['shorten'],
    })
    const beside = { ...counted('b'), x: 560 }
    const placed = declutter([counted('a'), beside], view, 9)
    expect(placed.map(({ label: { text } }) => text)).toEqual(['开发区第二网格', ''])
  })

  it('takes a Chinese character for one em', () => {
    expect(textEms('网格')).toBe(2)
    expect(textEms('ab')).toBeLessThan(2)
  })
})
