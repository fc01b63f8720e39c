import { describe, expect, it } from 'vitest'
import { isStale, judgeShedding, judgeTrust } from './trust.ts'

describe('judgeTrust', () => {
  const feed = (state: 'live' | 'held' | 'down', connected: boolean) => ({
    state,
    shedding: 'nothing' as const,
    newestMs: null,
    connected,
  })
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

describe('judgeShedding', () => {
  const feed = { state: 'live', shedding: 'fixes', newestMs: null } as const
  it('tells what is held back while the rest comes through', () => {
    expect(judgeShedding(feed, 'live')).toBe('fixes')
  })
  it('is silent where nothing comes through at all', () => {
    for (const trust of ['connecting', 'held', 'down', 'broken'] as const)
      expect(judgeShedding(feed, trust)).toBe('nothing')
  })
})
