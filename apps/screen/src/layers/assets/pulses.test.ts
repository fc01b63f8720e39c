import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addPulses, livePulses, mostPulses, pulseMs, pulseVisual } from './pulses.ts'

describe('pulses', () => {
  it('end after ten seconds, whatever was raised meanwhile', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat({ max: 60 })), { maxLength: 20 }), (raises) => {
        let pulses = addPulses([], [], 0)
        raises.forEach((indexes, second) => {
          pulses = addPulses(livePulses(pulses, second * 1_000), indexes, second * 1_000)
          expect(pulses.length).toBeLessThanOrEqual(mostPulses)
          expect(new Set(pulses.map(({ index }) => index)).size).toBe(pulses.length)
        })
        expect(livePulses(pulses, raises.length * 1_000 + pulseMs)).toEqual([])
      }),
    )
  })

  it('fade as they grow', () => {
    expect(pulseVisual(100, false).alpha).toBeGreaterThan(pulseVisual(1_900, false).alpha)
    expect(pulseVisual(100, false).scale).toBeLessThan(pulseVisual(1_900, false).scale)
    expect(pulseVisual(pulseMs, false).alpha).toBe(0)
  })

  it('stand still where less motion is wanted', () => {
    expect(pulseVisual(100, true)).toEqual(pulseVisual(1_500, true))
  })
})
