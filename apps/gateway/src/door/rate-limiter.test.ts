import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DeviceRates } from './device-rates.ts'
import { RateLimiter } from './rate-limiter.ts'

describe('RateLimiter', () => {
  it('never lets more through than burst and rate allow, whoever waits as told', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(
        gaps,
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 20 }),
        (steps, perSecond, burst) => {
          const limiter = new RateLimiter()
          let nowMs = 0
          let taken = 0
          for (const step of steps) {
            nowMs += step
            const waitMs = limiter.take('a', { perSecond, burst }, nowMs)
            taken++
            nowMs += Math.ceil(waitMs)
            expect(taken).toBeLessThanOrEqual(burst + (nowMs / 1000) * perSecond + 1)
          }
        },
      ),
    )
  })

  it('lets a whole burst through after a rest, each key by itself', () => {
    const limiter = new RateLimiter()
    const rate = { perSecond: 10, burst: 3 }
    const take = (key: string, nowMs: number) => limiter.take(key, rate, nowMs)
    expect([1, 2, 3, 4].map(() => take('a', 0))).toEqual([0, 0, 0, 100])
    expect(take('b', 0)).toBe(0)
    expect([1, 2, 3, 4].map(() => take('a', 10_000))).toEqual([0, 0, 0, 100])
  })

  it('takes nothing from who is told to come again', () => {
    const limiter = new RateLimiter()
    const rate = { perSecond: 10, burst: 1 }
    expect([0, 0, 0, 100].map((nowMs) => limiter.ask('a', rate, nowMs))).toEqual([0, 100, 100, 0])
  })

  it('forgets keys at rest', () => {
    const limiter = new RateLimiter()
    for (let n = 0; n < 1_000; n++) limiter.take(`k${n}`, { perSecond: 10, burst: 1 }, 0)
    limiter.take('later', { perSecond: 10, burst: 1 }, 20_000)
    expect(limiter.size).toBe(1)
  })
})

describe('DeviceRates', () => {
  const rates = () =>
    new DeviceRates(
      { device: { perSecond: 1, burst: 2 }, stranger: { perSecond: 1, burst: 1 } },
      {
        known: (key) => (key.startsWith('B-') ? { via: 'box' } : { via: null }),
        voicesOf: (login) => (login === 'box' ? 3 : 1),
      },
    )
  const box = { kind: 'login', key: 'box' } as const
  const waits = (
    of: DeviceRates,
    topics: readonly string[],
    speaker: Parameters<DeviceRates['charge']>[0] = box,
  ) => topics.map((topic) => of.charge(speaker, '192.0.2.1', topic, 0))

  it('counts each device behind a concentrator by itself', () => {
    const own = 'gk/v1/B-1/readings'
    expect(waits(rates(), [own, own, own, 'gk/v1/B-2/readings'])).toEqual([0, 0, 1_000, 0])
  })

  it('lets nobody use up the allowance of another device', () => {
    const all = rates()
    waits(all, new Array<string>(20).fill('gk/v1/X-1/readings'))
    expect(waits(all, ['gk/v1/X-1/readings'], { kind: 'login', key: 'X-1' })).toEqual([0])
  })

  it('gives a login as much under other topics as all its devices have', () => {
    const said = waits(rates(), new Array<string>(7).fill('zigbee2mqtt/hall'))
    expect(said.slice(0, 6)).toEqual([0, 0, 0, 0, 0, 0])
    expect(said[6]).toBeCloseTo(333.3, 0)
  })

  it('knows a stranger by its address and its name', () => {
    const all = rates()
    const stranger = (login: string | null) => ({ kind: 'stranger', login, secretHash: null }) as const
    expect(waits(all, ['a', 'b'], stranger('x'))).toEqual([0, 1_000])
    expect(waits(all, ['a'], stranger('y'))).toEqual([0])
    expect(all.charge(stranger('x'), '192.0.2.2', 'a', 0)).toBe(0)
  })
})
