import type { GatewayStatus } from '@gridkeeper/contracts'
import { describe, expect, it } from 'vitest'
import { gatewayState, perSecond } from './gateway-state.ts'

const status = (change: Partial<GatewayStatus> = {}): GatewayStatus => ({
  gatewayId: 'g',
  online: true,
  taking: true,
  shedding: 'nothing',
  atMs: 100_000,
  ...change,
})

describe('gatewayState', () => {
  it.each([
    [{}, 'taking', 'normal'],
    [{ shedding: 'fixes' }, 'sheddingFixes', 'attention'],
    [{ shedding: 'readings' }, 'sheddingReadings', 'warning'],
    [{ taking: false, shedding: 'readings' }, 'held', 'critical'],
    [{ online: false, taking: false }, 'offline', 'silent'],
  ] as const)('%o is %s, shown as %s', (change, word, state) => {
    expect(gatewayState(status(change), 100_000)).toEqual({ word, state })
  })
  it('takes a gateway for gone that has not spoken for half a minute', () => {
    expect(gatewayState(status(), 130_000).word).toBe('taking')
    expect(gatewayState(status(), 130_001).word).toBe('offline')
  })
})

describe('perSecond', () => {
  it('is unknown, not zero, while no time has passed', () => {
    expect(perSecond(0, 0)).toBeNull()
    expect(perSecond(120, 60)).toBe(2)
  })
})
