import type { Alarm } from '@gridkeeper/contracts'
import { describe, expect, it } from 'vitest'
import { ClearedAlarms } from './cleared-alarms.ts'

const alarm = (id: number, clearedAtMs: number | null): Alarm => ({
  id,
  assetId: 1,
  rule: 'over-voltage',
  severity: 'warning',
  metric: 'ua',
  value: 260,
  raisedAtMs: 1,
  clearedAtMs,
})

describe('ClearedAlarms', () => {
  it('lets a beginning pass, then its end', () => {
    const cleared = new ClearedAlarms()
    expect(cleared.sift([alarm(1, null)])).toHaveLength(1)
    expect(cleared.sift([alarm(1, 2)])).toHaveLength(1)
  })

  it('keeps back a beginning that comes after its end', () => {
    const cleared = new ClearedAlarms()
    cleared.sift([alarm(1, 2)])
    expect(cleared.sift([alarm(1, null), alarm(2, null)]).map(({ id }) => id)).toEqual([2])
  })

  it('remembers a bounded number of ends', () => {
    const cleared = new ClearedAlarms()
    for (let id = 0; id <= 10_000; id++) cleared.sift([alarm(id, 2)])
    expect(cleared.sift([alarm(0, null)])).toHaveLength(1)
    expect(cleared.sift([alarm(1, null)])).toHaveLength(0)
  })
})
