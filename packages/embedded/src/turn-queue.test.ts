import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TurnQueue } from './turn-queue.ts'

describe('TurnQueue', () => {
  it('gives turns first come first served, one at a time', () => {
    const [a, b, c] = [{ id: 'a' }, { id: 'b' }, { id: 'c' }]
    const queue = new TurnQueue<{ id: string }>()
    for (const participant of [a, b, c, a]) queue.request(participant)
    expect(queue.grantNext()).toBe(a)
    expect(queue.grantNext()).toBeUndefined()
    queue.leave(a)
    queue.request(a)
    expect(queue.grantNext()).toBe(b)
    queue.leave(c)
    queue.leave(b)
    expect(queue.grantNext()).toBe(a)
    expect(queue.waitingCount).toBe(0)
  })

  it('never has two holders and never forgets a waiting one', () => {
    const people = Array.from({ length: 4 }, (_, id) => ({ id }))
    const step = fc.tuple(fc.constantFrom('request', 'leave', 'grant'), fc.integer({ min: 0, max: 3 }))
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const queue = new TurnQueue<{ id: number }>()
        const wanting: number[] = []
        for (const [action, id] of steps) {
          const person = people[id] ?? { id }
          if (action === 'request') {
            queue.request(person)
            if (queue.holder !== person && !wanting.includes(id)) wanting.push(id)
          } else if (action === 'leave') {
            queue.leave(person)
            const at = wanting.indexOf(id)
            if (at !== -1) wanting.splice(at, 1)
          } else {
            const isFree = queue.holder === undefined
            expect(queue.grantNext()?.id).toBe(isFree ? wanting.shift() : undefined)
          }
          expect(queue.waitingCount).toBe(wanting.length)
        }
      }),
    )
  })
})
