import { describe, expect, it } from 'vitest'
import { whyNoRerun } from './rerun-state.ts'
import { tallyRerun } from './tally-rerun.ts'

const letter = (askedAt: number | null, outcome: string | null = null) => ({
  rerunRequestedAtMs: askedAt,
  rerunAtMs: outcome === null ? null : 9,
  rerunOutcome: outcome,
})

describe('tallyRerun', () => {
  it('counts the newest request alone: what waits, what was accepted, what was refused and why, most first', () => {
    const letters = [
      letter(null),
      letter(5, 'accepted'),
      letter(7),
      letter(7, 'accepted'),
      letter(7, 'wrong-type'),
      letter(7, 'no-login'),
      letter(7, 'no-login'),
    ]
    expect(tallyRerun(letters)).toEqual({
      pending: 1,
      accepted: 1,
      refused: [
        { reason: 'no-login', count: 2 },
        { reason: 'wrong-type', count: 1 },
      ],
    })
  })
  it('finds nothing where nothing was asked for', () => {
    expect(tallyRerun([letter(null)])).toEqual({ pending: 0, accepted: 0, refused: [] })
  })
})

describe('whyNoRerun', () => {
  it('lets run what is whole and was never asked for, or was refused again', () => {
    expect(whyNoRerun({ ...letter(null), isWhole: true })).toBeNull()
    expect(whyNoRerun({ ...letter(5, 'no-login'), isWhole: true })).toBeNull()
  })
  it('says why not: cut off, on its way, or stored by now', () => {
    expect(whyNoRerun({ ...letter(null), isWhole: false })).toBe('notWhole')
    expect(whyNoRerun({ ...letter(5), isWhole: true })).toBe('isPending')
    expect(whyNoRerun({ ...letter(5, 'accepted'), isWhole: true })).toBe('isAccepted')
  })
})
