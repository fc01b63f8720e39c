import { describe, expect, it } from 'vitest'
import { SequenceTracker } from './sequence-tracker.ts'

describe('SequenceTracker', () => {
  it('tells the next from a gap and from a repetition, for each sender', () => {
    const tracker = new SequenceTracker()
    const arrivals = [
      ['a', 5],
      ['a', 6],
      ['b', 1],
      ['a', 6],
      ['a', 9],
      ['a', 7],
      ['a', 10],
      ['b', 2],
    ] as const
    expect(arrivals.map(([sender, sequence]) => tracker.observe(sender, sequence))).toEqual([
      'first',
      'next',
      'first',
      'old',
      'gap',
      'old',
      'next',
      'next',
    ])
  })

  it('remembers a bounded number of senders', () => {
    const tracker = new SequenceTracker()
    for (let i = 0; i < 300; i++) tracker.observe(`g${i}`, 1)
    expect(tracker.observe('g0', 2)).toBe('first')
    expect(tracker.observe('g299', 2)).toBe('next')
  })
})
