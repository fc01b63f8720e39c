import { describe, expect, it } from 'vitest'
import { AckWindow } from './ack-window.ts'

describe('AckWindow', () => {
  it('acknowledges in the order of arrival, whatever is finished first', () => {
    const window = new AckWindow()
    const [first, second, third] = [7, 3, 9].map((id) => window.enter(id))
    third?.()
    second?.()
    expect(window.takeFinished()).toEqual([])
    first?.()
    expect(window.takeFinished()).toEqual([7, 3, 9])
    expect(window.size).toBe(0)
  })

  it('gives each id once, and a used id anew', () => {
    const window = new AckWindow()
    window.enter(1)()
    window.enter(2)
    expect(window.takeFinished()).toEqual([1])
    expect(window.takeFinished()).toEqual([])
    expect(window.size).toBe(1)
    window.enter(1)()
    expect(window.takeFinished()).toEqual([])
  })
})
