import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { GatewayStatus } from '@gridkeeper/contracts'
import { StatusTeller } from './status-teller.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function setUp() {
  const told: string[] = []
  let shedding: GatewayStatus['shedding'] = 'nothing'
  const teller = new StatusTeller(
    (status) => told.push(`${status.online ? 'online' : 'gone'} ${status.taking} ${status.shedding}`),
    () => shedding,
  )
  return { teller, told, shed: (what: GatewayStatus['shedding']) => (shedding = what) }
}

describe('StatusTeller', () => {
  it('says hello, what changes, and goodbye', async () => {
    const { teller, told } = setUp()
    teller.start()
    teller.setTaking(false)
    await vi.advanceTimersByTimeAsync(10_000)
    teller.stop()
    teller.stop()
    expect(told).toEqual(['online true nothing', 'online false nothing', 'gone false nothing'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('says at once when more is held back, and that it is over only after a calm', async () => {
    const { teller, told, shed } = setUp()
    teller.start()
    shed('fixes')
    await vi.advanceTimersByTimeAsync(500)
    shed('readings')
    await vi.advanceTimersByTimeAsync(500)
    for (const what of ['nothing', 'fixes', 'nothing', 'readings'] as const) {
      shed(what)
      await vi.advanceTimersByTimeAsync(1_000)
    }
    shed('nothing')
    await vi.advanceTimersByTimeAsync(4_000)
    expect(told.at(-1)).toBe('online true readings')
    await vi.advanceTimersByTimeAsync(2_000)
    expect(told).toEqual([
      'online true nothing',
      'online true fixes',
      'online true readings',
      'online true nothing',
    ])
    teller.stop()
  })
})
