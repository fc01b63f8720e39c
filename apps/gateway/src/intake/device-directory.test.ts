import { fakeClock } from '@gridkeeper/testkit'
import type { Pool } from 'pg'
import { describe, expect, it } from 'vitest'
import { DeviceDirectory } from './device-directory.ts'

/** Knows the given keys as meters; remembers what it was asked. */
function setUp(...registered: string[]) {
  const known = new Set(registered)
  const asked: (readonly string[] | null)[] = []
  let failure: Error | null = null
  const pool = {
    query: async (_text: string, [keys]: [string[] | null]) => {
      asked.push(keys)
      if (failure !== null) throw failure
      const found = keys === null ? [...known] : keys.filter((key) => known.has(key))
      return { rows: found.map((key, at) => ({ key, asset_id: at + 1, kind: 'meter', keeper_id: null })) }
    },
  }
  const clock = fakeClock()
  const directory = new DeviceDirectory(pool as unknown as Pool, clock.now)
  return { directory, clock, known, asked, failWith: (error: Error | null) => (failure = error) }
}

describe('DeviceDirectory', () => {
  it('knows what it has loaded without asking', async () => {
    const { directory, asked } = setUp('M-1')
    await directory.reload()
    expect(directory.known('M-1')?.asset).toEqual({ assetId: 1, kind: 'meter' })
    expect((await directory.find('M-1'))?.key).toBe('M-1')
    expect(directory.headlineOf(1)).toBe('p')
    expect(directory.size).toBe(1)
    expect(asked).toEqual([null])
  })

  it('asks once for all the unknown keys of a turn', async () => {
    const { directory, asked } = setUp('M-1', 'M-2')
    const found = await Promise.all(['M-1', 'X', 'M-2', 'X', 'Y'].map((key) => directory.find(key)))
    expect(found.map((device) => device?.key)).toEqual(['M-1', undefined, 'M-2', undefined, undefined])
    expect(asked).toEqual([['M-1', 'X', 'M-2', 'Y']])
  })

  it('asks for an unknown key again after five seconds, not before', async () => {
    const { directory, clock, known, asked } = setUp()
    await directory.find('M-1')
    known.add('M-1')
    clock.advance(4_999)
    expect(await directory.find('M-1')).toBeUndefined()
    expect(asked).toHaveLength(1)
    clock.advance(1)
    expect((await directory.find('M-1'))?.key).toBe('M-1')
  })

  it('forgets at once what it did not know when the registry is read again, and what is no longer in it', async () => {
    const { directory, known } = setUp('M-1')
    await directory.reload()
    expect(await directory.find('M-2')).toBeUndefined()
    known.delete('M-1')
    known.add('M-2')
    await directory.reload()
    expect(directory.known('M-1')).toBeUndefined()
    expect((await directory.find('M-2'))?.key).toBe('M-2')
  })

  it('remembers a bounded number of unknown keys, the newest', async () => {
    const { directory, asked } = setUp()
    await Promise.all(Array.from({ length: 10_001 }, (_, at) => directory.find(`X-${at}`)))
    await directory.find('X-10000')
    expect(asked).toHaveLength(1)
    await directory.find('X-0')
    expect(asked).toHaveLength(2)
  })

  it('tells all who asked when the database cannot be asked, and asks anew', async () => {
    const { directory, failWith } = setUp('M-1')
    failWith(new Error('away'))
    const answers = await Promise.allSettled([directory.find('M-1'), directory.find('X')])
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    failWith(null)
    expect((await directory.find('M-1'))?.key).toBe('M-1')
  })
})
