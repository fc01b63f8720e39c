import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AHEAD_LIMIT_MS, EARLIEST_BELIEVED_MS, settleTime } from './device-time.ts'

const nowMs = Date.UTC(2026, 5, 1, 12)

describe('settleTime', () => {
  it('takes the arrival for the device time where there is none', () => {
    expect(settleTime(undefined, nowMs)).toEqual({ timeMs: nowMs, claimedMs: null })
  })

  it.each([
    ['the first millisecond of 2000', EARLIEST_BELIEVED_MS, true],
    ['the last one of 1999', EARLIEST_BELIEVED_MS - 1, false],
    ['ten minutes ahead', nowMs + AHEAD_LIMIT_MS, true],
    ['a millisecond more', nowMs + AHEAD_LIMIT_MS + 1, false],
    ['a hair more', nowMs + AHEAD_LIMIT_MS + 0.01, false],
    ['1901', Date.UTC(1901, 0, 1), false],
    ['a quarter of a century ago', Date.UTC(2001, 0, 1), true],
    ['1970', 0, false],
    ['a clock in seconds', nowMs / 1000, false],
    ['a clock in microseconds', nowMs * 1000, false],
  ])('decides on %s', (_what, claimedMs, isBelieved) => {
    const expected = isBelieved ? { timeMs: claimedMs, claimedMs: null } : { timeMs: nowMs, claimedMs }
    expect(settleTime(claimedMs, nowMs)).toEqual(expected)
  })

  it('always gives a whole, believable time, and keeps the claim it did not believe', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          fc.double({ min: 9e11, max: 2e12, noNaN: true }),
        ),
        (claim) => {
          const { timeMs, claimedMs } = settleTime(claim, nowMs)
          expect(Number.isInteger(timeMs)).toBe(true)
          expect(timeMs >= EARLIEST_BELIEVED_MS && timeMs <= nowMs + AHEAD_LIMIT_MS).toBe(true)
          expect(
            claimedMs === null ? timeMs === Math.trunc(claim) : claimedMs === claim && timeMs === nowMs,
          ).toBe(true)
        },
      ),
    )
  })
})
