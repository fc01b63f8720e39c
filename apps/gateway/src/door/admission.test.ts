import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Admission } from './admission.ts'

describe('Admission', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())
  const build = (perSecond: number, maxPending: number) => {
    const admitted: number[] = []
    const admission = new Admission<number>({ perSecond, maxPending }, (visitor) => admitted.push(visitor))
    return { admission, admitted }
  }

  it('lets in at a steady rate whoever comes at once, first come, first served, and refuses nobody', () => {
    const { admission, admitted } = build(100, 10_000)
    for (let n = 0; n < 500; n++) admission.enter(n)
    expect(admitted).toHaveLength(25)
    vi.advanceTimersByTime(1_000)
    expect(admitted.length).toBeGreaterThan(120)
    expect(admitted.length).toBeLessThanOrEqual(126)
    vi.advanceTimersByTime(4_000)
    expect(admitted).toEqual(Array.from({ length: 500 }, (_, n) => n))
    expect(vi.getTimerCount()).toBe(0)
  })

  it('lets nobody in while too many are on their way to a login', () => {
    const { admission, admitted } = build(1_000, 2)
    for (let n = 0; n < 4; n++) admission.enter(n)
    vi.advanceTimersByTime(1_000)
    expect(admitted).toEqual([0, 1])
    admission.settle()
    vi.advanceTimersByTime(20)
    expect([admitted, admission.pending, admission.waiting]).toEqual([[0, 1, 2], 2, 1])
  })

  it('forgets who goes away before its turn', () => {
    const { admission, admitted } = build(1, 10)
    for (let n = 0; n < 3; n++) admission.enter(n)
    expect([admission.leave(1), admission.leave(0)]).toEqual([true, false])
    vi.advanceTimersByTime(5_000)
    expect(admitted).toEqual([0, 2])
  })
})
