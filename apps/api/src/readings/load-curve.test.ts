import { describe, expect, it } from 'vitest'
import { fillHours, hoursRange } from '../alarms/alarms-by-hour.ts'
import { addUpLoad, loadRange } from './load-curve.ts'

const bucketMs = 900_000
const hour = 3_600_000

describe('the load curve', () => {
  it('ends before the running bucket', () => {
    expect(loadRange(1, bucketMs, 10 * hour + 1)).toEqual({ fromMs: 9 * hour, toMs: 10 * hour })
    expect(loadRange(1, bucketMs, 10 * hour - 1)).toEqual({
      fromMs: 9 * hour - bucketMs,
      toMs: 10 * hour - bucketMs,
    })
  })

  it('has every bucket, null where nobody said anything, summed over kinds', () => {
    const points = [
      { timeMs: bucketMs, loadKw: 3 },
      { timeMs: bucketMs, loadKw: 4 },
    ]
    expect(addUpLoad({ fromMs: 0, toMs: hour }, bucketMs, points)).toEqual({
      bucketMs,
      timesMs: [0, bucketMs, 2 * bucketMs, 3 * bucketMs],
      loadKw: [null, 7, null, null],
    })
  })
})

describe('alarms by hour', () => {
  it('have every hour, the running one last', () => {
    const range = hoursRange(3, 10 * hour + 5)
    expect(range).toEqual({ fromMs: 8 * hour, toMs: 11 * hour })
    expect(fillHours(range, [{ hourMs: 10 * hour, severity: 'critical', count: 2 }])).toEqual({
      hoursMs: [8 * hour, 9 * hour, 10 * hour],
      counts: { attention: [0, 0, 0], warning: [0, 0, 0], critical: [0, 0, 2] },
    })
  })
})
