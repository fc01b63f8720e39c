import { describe, expect, it } from 'vitest'
import { readIntakeRoute, writeIntakeRoute } from './intake-route.ts'

describe('the route of the intake page', () => {
  it('is none for any other hash', () => {
    for (const hash of ['', '#', '#/', '#/intakes', '#intake']) expect(readIntakeRoute(hash)).toBeNull()
  })
  it('opens the first section where none or an unknown one is named', () => {
    expect(readIntakeRoute('#/intake')?.section).toBe('gateways')
    expect(readIntakeRoute('#/intake/no-such')?.section).toBe('gateways')
  })
  it('reads what it wrote, whatever signs a name has', () => {
    const route = {
      section: 'quarantine',
      parts: ['sim:M/1', 'ein Name?&#%'],
      query: { text: 'a=b&c', reason: 'no-login' },
    } as const
    expect(readIntakeRoute(writeIntakeRoute(route))).toEqual(route)
    const nameless = { section: 'quarantine', parts: ['K', ''], query: {} } as const
    expect(readIntakeRoute(writeIntakeRoute(nameless))).toEqual(nameless)
  })
  it('does not stumble over a broken link', () => {
    expect(readIntakeRoute('#/intake/devices/%E0%A4%A')?.parts).toEqual(['%E0%A4%A'])
  })
})
