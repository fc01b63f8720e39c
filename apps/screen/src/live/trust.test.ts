import { describe, expect, it } from 'vitest'
import { isStale, judgeTrust } from './trust.ts'

describe('judgeTrust', () => {
  const feed = (state: 'live' | 'held' | 'down', connected: boolean) => ({ state, newestMs: null, connected })
  it('is connecting before the first connection and broken after it', () => {
    expect(judgeTrust(feed('live', false), false)).toBe('connecting')
    expect(judgeTrust(feed('live', false), true)).toBe('broken')
  })
  it('tells the chain behind the api while connected', () => {
    expect(judgeTrust(feed('held', true), true)).toBe('held')
    expect(judgeTrust(feed('down', true), true)).toBe('down')
  })
  it('calls all but live and connecting stale', () => {
    expect((['connecting', 'live', 'held', 'down', 'broken'] as const).filter(isStale)).toEqual([
      'held',
      'down',
      'broken',
    ])
  })
})
