import { describe, expect, it } from 'vitest'
import { formatLoad, loadCurveOption, loadUnit, peakOf } from './load-curve-option.ts'

const series = { timesMs: [1_000, 2_000, 3_000], loadKw: [12_000, null, 15_000] }

describe('load curve', () => {
  it('keeps a gap a gap', () => {
    const option = loadCurveOption(series, 3_000, { scale: 1 })
    expect(option.series[0]).toMatchObject({
      connectNulls: false,
      data: [
        [1_000, 12],
        [2_000, null],
        [3_000, 15],
      ],
    })
  })
  it('never animates, and scales its text with the wall', () => {
    const option = loadCurveOption(series, 3_000, { scale: 2 })
    expect(option.animation).toBe(false)
    expect(option.textStyle.fontSize).toBe(32)
  })
  it('finds the peak, and none in nothing', () => {
    expect(peakOf(series)).toEqual({ timeMs: 3_000, kw: 15_000 })
    expect(peakOf({ timesMs: [1], loadKw: [null] })).toBeNull()
  })
  it('speaks in megawatts from ten on', () => {
    expect([loadUnit(9_999), loadUnit(10_000), loadUnit(null)]).toEqual(['kW', 'MW', 'kW'])
    expect([formatLoad(12_340, 'MW'), formatLoad(1_234, 'kW'), formatLoad(null, 'kW')]).toEqual([
      '12.3',
      '1,234',
      '—',
    ])
  })
})
