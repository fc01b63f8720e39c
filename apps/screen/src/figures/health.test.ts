import { assetStateNames } from '@gridkeeper/domain'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { healthOf, healthWorth, shownHealth } from './health.ts'
import { healthTrend, trendTimes } from './health-trend.ts'
import type { StateCounts } from './tally.ts'

const none: StateCounts = { normal: 0, attention: 0, warning: 0, critical: 0, silent: 0, unknown: 0 }
const someCounts: fc.Arbitrary<StateCounts> = fc.record({
  normal: fc.nat(5_000),
  attention: fc.nat(100),
  warning: fc.nat(100),
  critical: fc.nat(100),
  silent: fc.nat(500),
  unknown: fc.nat(500),
})

describe('healthOf', () => {
  it('is unknown, not zero, when no state is known', () => {
    expect(healthOf({ ...none, unknown: 12 }).percent).toBeNull()
    expect(shownHealth(null)).toBeNull()
  })

  it('lies between 0 and 100, and with what the states take away sums to 100', () => {
    fc.assert(
      fc.property(someCounts, (counts) => {
        const health = healthOf(counts)
        if (health.percent === null) return
        expect(health.percent).toBeGreaterThanOrEqual(0)
        expect(health.percent).toBeLessThanOrEqual(100)
        const lost = health.parts.reduce((sum, part) => sum + (part.lost ?? 0), 0)
        expect(health.percent + lost).toBeCloseTo(100, 9)
        expect(health.parts.map(({ state }) => state)).toEqual(assetStateNames)
      }),
    )
  })

  it('does not change with assets that never spoke', () => {
    const counts = { ...none, normal: 9, critical: 1 }
    expect(healthOf({ ...counts, unknown: 1_000 }).percent).toBe(healthOf(counts).percent)
  })

  it('is worth less the worse the state', () => {
    const { normal, attention, warning, critical } = healthWorth
    expect(normal > attention && attention > warning && warning > critical).toBe(true)
  })

  it('never shows 100 while something is wrong', () => {
    expect(shownHealth(99.96)).toBe(99.9)
    expect(shownHealth(100)).toBe(100)
    expect(shownHealth(97.3)).toBe(97.3)
  })
})

describe('healthTrend', () => {
  const alarm = (
    id: number,
    assetId: number,
    severity: 'warning' | 'critical',
    raisedAtMs: number,
    clearedAtMs: number | null,
  ) => ({
    id,
    assetId,
    rule: 'r',
    severity,
    metric: null,
    value: null,
    raisedAtMs,
    clearedAtMs,
  })

  it('ends at the present health and shows past alarms while they were open', () => {
    const counts = { ...none, normal: 9, critical: 1 }
    const trend = healthTrend(
      counts,
      [alarm(1, 1, 'critical', 80, null), alarm(2, 2, 'warning', 10, 60)],
      [0, 50, 70, 100],
    )
    expect(trend.map(({ percent }) => percent)).toEqual([100, 94, 100, 90])
    expect(trend.at(-1)?.percent).toBe(healthOf(counts).percent)
  })

  it('lets an asset lose by its worst alarm only', () => {
    const alarms = [alarm(1, 1, 'warning', 0, null), alarm(2, 1, 'critical', 0, null)]
    expect(healthTrend({ ...none, normal: 9, critical: 1 }, alarms, [5])[0]?.percent).toBe(90)
  })

  it('asks for instants up to now, both ends included', () => {
    expect(trendTimes(100, 60, 30)).toEqual([40, 70, 100])
  })
})
