import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Deadlines } from './deadlines.ts'

/** Entries with these deadlines, all watched. */
function build(...dues: (number | null)[]) {
  const entries = dues.map((due, id) => ({ id, due, isAwaited: false }))
  const deadlines = new Deadlines<(typeof entries)[number]>()
  for (const entry of entries) deadlines.watch(entry, entry.due ?? 0)
  let asked = 0
  const sweep = (nowMs: number) =>
    deadlines
      .sweep(
        nowMs,
        (id) => entries[id],
        ({ due }) => {
          asked++
          return due
        },
      )
      .map(({ id }) => id)
  return { entries, deadlines, sweep, asked: () => asked }
}

describe('Deadlines', () => {
  it('finds an entry once its deadline has passed, and only once', () => {
    const { sweep, entries } = build(5_000)
    expect(sweep(4_900)).toEqual([])
    expect(sweep(6_000)).toEqual([0])
    expect(sweep(9_000)).toEqual([])
    expect(entries[0]?.isAwaited).toBe(false)
  })

  it('asks an entry whose deadline moved, and keeps it until then', () => {
    const { sweep, entries } = build(5_000)
    entries[0]!.due = 60_000
    expect(sweep(6_000)).toEqual([])
    expect(sweep(59_000)).toEqual([])
    expect(sweep(61_000)).toEqual([0])
  })

  it('forgets an entry that is gone', () => {
    const { sweep, entries } = build(5_000)
    entries.length = 0
    expect(sweep(6_000)).toEqual([])
  })

  it('awaits an entry once, however often it is watched', () => {
    const { sweep, entries, deadlines } = build(5_000)
    deadlines.watch(entries[0]!, 5_000)
    expect(sweep(6_000)).toEqual([0])
  })

  it('looks only at what may be due', () => {
    const { sweep, asked } = build(...Array.from({ length: 1_000 }, (_, id) => 100_000 + id * 1_000))
    expect(sweep(104_500)).toHaveLength(4)
    expect(asked()).toBe(4)
  })

  it('misses nothing, whatever the steps of the clock', () => {
    const all = fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 50 })
    const steps = fc.array(fc.integer({ min: 1, max: 30_000 }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(all, steps, (dues, waits) => {
        const { sweep } = build(...dues)
        const found = new Set<number>()
        let now = 0
        for (const wait of waits) {
          now += wait
          for (const id of sweep(now)) {
            expect(dues[id]).toBeLessThanOrEqual(now)
            found.add(id)
          }
          // A bucket comes up when its second is over: at most one second late.
          dues.forEach((due, id) => due + 1_000 <= now && expect(found).toContain(id))
        }
      }),
    )
  })
})
