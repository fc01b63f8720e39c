import { describe, expect, it } from 'vitest'
import { sparkPath } from './spark-path.ts'

const point = (timeMs: number, percent: number | null) => ({ timeMs, percent })

describe('sparkPath', () => {
  it('lifts the pen where the value is not known', () => {
    expect(sparkPath([point(0, 90), point(1, null), point(2, 100)], 100, 10).path).toBe('M0.0 10.0M100.0 0.0')
  })
  it('draws a quiet day flat', () => {
    expect(sparkPath([point(0, 99.9), point(2, 100)], 100, 10, 2).path).toBe('M0.0 0.5L100.0 0.0')
  })
  it('draws nothing from nothing', () => {
    expect(sparkPath([], 100, 10)).toEqual({ path: '', lowest: null })
  })
})
