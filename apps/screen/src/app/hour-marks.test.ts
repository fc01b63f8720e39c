import { describe, expect, it } from 'vitest'
import { hourMarks } from './hour-marks.ts'

describe('hourMarks', () => {
  const hours = {
    hoursMs: [0, 3_600_000],
    counts: { attention: [0, 3_000], warning: [0, 1], critical: [0, 0] },
  }
  it('shows even one alarm among thousands, and nothing for none', () => {
    const [quiet, busy] = hourMarks(hours)
    expect(quiet?.heights).toEqual({ attention: 0, warning: 0, critical: 0 })
    expect(busy?.heights.warning).toBeGreaterThan(0.1)
    expect(busy?.total).toBe(3_001)
  })
  it('keeps a quiet day low', () => {
    const low = hourMarks({ hoursMs: [0], counts: { attention: [1], warning: [0], critical: [0] } })
    expect(low[0]?.heights.attention).toBeLessThan(0.2)
  })
})
