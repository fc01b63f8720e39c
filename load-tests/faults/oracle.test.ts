import { describe, expect, it } from 'vitest'
import { Ledger } from './ledger.ts'
import { isSound, judge, type StoredDevice } from './oracle.ts'

/** Two devices; the first said 1 to 3 and heard of 1 and 2, the second said 1 and heard of it twice. */
function aLedger(): Ledger {
  const ledger = new Ledger([
    { key: 'a', stream: 'readings' },
    { key: 'b', stream: 'fixes' },
  ])
  for (const device of [0, 0, 0, 1]) ledger.next(device)
  ledger.acknowledge(0, [1, 2])
  ledger.acknowledge(1, [1])
  ledger.acknowledge(1, [1])
  return ledger
}

const storing = (a: number[], b: number[], altered = 0): Map<string, StoredDevice> =>
  new Map([
    ['a', { numbers: a, altered }],
    ['b', { numbers: b, altered: 0 }],
  ])

describe('the oracle', () => {
  it('is content when all that was acknowledged is stored once, also with what was stored and not acknowledged', () => {
    const verdict = judge(aLedger(), storing([3, 1, 2], [1]))
    expect(verdict).toEqual({
      sent: 4,
      acknowledged: 3,
      stored: 4,
      unasked: 1,
      lost: 0,
      doubled: 0,
      foreign: 0,
      altered: 0,
    })
    expect(isSound(verdict)).toBe(true)
  })

  it.each([
    ['an acknowledged message that is not stored', storing([1], [1]), { lost: 1 }],
    ['a whole device that is not stored', storing([1, 2], []), { lost: 1 }],
    ['a message stored twice', storing([1, 2, 2], [1]), { doubled: 1 }],
    ['a number that was never given', storing([1, 2, 4], [1]), { foreign: 1 }],
    [
      'rows of somebody else',
      new Map([...storing([1, 2], [1]), ['c', { numbers: [1], altered: 0 }]]),
      { foreign: 1 },
    ],
    ['values that changed on the way', storing([1, 2], [1], 1), { altered: 1 }],
  ])('finds %s', (_what, stored, found) => {
    const verdict = judge(aLedger(), stored)
    expect(verdict).toMatchObject(found)
    expect(isSound(verdict)).toBe(false)
  })

  it('counts an acknowledgement once, and those of repetitions apart', () => {
    expect(aLedger()).toMatchObject({ acknowledged: 3, acknowledgedAgain: 1 })
  })
})
