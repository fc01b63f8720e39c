import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketCount, haveTooManyRows, intervalMs, maxPoints, planSeries } from './series-plan.ts'

const minute = 60_000
const day = 86_400_000
const nowMs = Date.UTC(2026, 10, 20)
const keepRawMs = 180 * day
const last = (ms: number) => ({ fromMs: nowMs - ms, toMs: nowMs })

describe('planSeries', () => {
  it.each([
    ['raw rows while they are few', last(day), 1_440, 'raw'],
    ['raw rows up to the limit', last(day), 2_000, 'raw'],
    ['minutes when the raw rows are too many', last(day), 2_001, '1m'],
    ['quarters of an hour for a week', last(7 * day), 2_001, '15m'],
    ['hours for a month', last(31 * day), 2_001, '1h'],
    ['days for a year', last(365 * day), 2_001, '1d'],
    [
      'minutes where the raw rows are forgotten',
      { fromMs: nowMs - 200 * day, toMs: nowMs - 199 * day },
      0,
      '1m',
    ],
    [
      'hours where the minutes are forgotten',
      { fromMs: nowMs - 1_200 * day, toMs: nowMs - 1_199 * day },
      0,
      '1h',
    ],
    [
      'old rows that are there all the same',
      { fromMs: nowMs - 400 * day, toMs: nowMs - 399 * day },
      12,
      'raw',
    ],
  ] as const)('takes %s', (_, range, rawRows, source) => {
    expect(planSeries(range, rawRows, nowMs, keepRawMs).source).toBe(source)
  })

  it('never plans more points than the limit', () => {
    const range = fc
      .tuple(fc.integer({ min: 1, max: 3_653 * day }), fc.integer({ min: 0, max: 30 * 365 * day }))
      .map(([lengthMs, agoMs]) => ({ fromMs: nowMs - agoMs - lengthMs, toMs: nowMs - agoMs }))
    fc.assert(
      fc.property(range, (asked) => {
        const plan = planSeries(asked, maxPoints + 1, nowMs, keepRawMs)
        expect(plan.source).not.toBe('raw')
        if (plan.source !== 'raw') expect(bucketCount(asked, plan.bucketMs)).toBeLessThanOrEqual(maxPoints)
      }),
    )
  })

  it('counts every bucket that overlaps the range', () => {
    expect(bucketCount({ fromMs: 0, toMs: minute }, minute)).toBe(1)
    expect(bucketCount({ fromMs: 1, toMs: minute + 1 }, minute)).toBe(2)
  })

  it('refuses to guess at an interval', () => {
    expect(() => intervalMs('a while')).toThrow('a while')
  })
})

describe('haveTooManyRows', () => {
  const bucket = (time_ms: number, least_rows: number) => ({ time_ms, least_rows })
  const hours = (count: number) => ({ fromMs: 0, toMs: count * 60 * minute })

  it('knows of more rows than the limit by the buckets inside the range', () => {
    expect(haveTooManyRows([bucket(0, maxPoints), bucket(60 * minute, 1)], hours(2), 60 * minute)).toBe(true)
    expect(haveTooManyRows([bucket(0, maxPoints)], hours(2), 60 * minute)).toBe(false)
    expect(haveTooManyRows([], hours(2), 60 * minute)).toBe(false)
  })

  it('leaves out a bucket that reaches beyond the range: its rows may all be outside', () => {
    const ends = [bucket(-30 * minute, 9_000), bucket(90 * minute, 9_000)]
    expect(haveTooManyRows(ends, hours(2), 60 * minute)).toBe(false)
  })
})
