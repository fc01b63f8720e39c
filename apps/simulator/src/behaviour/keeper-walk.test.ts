import { distanceM } from '@gridkeeper/domain'
import { describe, expect, it, vi } from 'vitest'
import { makeDistrict } from '../district/make-district.ts'
import { createKeeperWalk, fixEveryMs } from './keeper-walk.ts'
import { DAY, HOUR, startOfDay, localDay } from './local-time.ts'

// Whole districts are made and walked here, on cores that others use too.
vi.setConfig({ testTimeout: 60_000 })

const seed = 5
const district = makeDistrict({ seed, assets: 900, stations: 4, grids: 20, keepers: 20 })
const walk = createKeeperWalk(district, seed)
const midnight = startOfDay(localDay(Date.UTC(2026, 10, 21)))
const onDuty = (timeMs: number) => district.keepers.filter((keeper) => walk.isOnDuty(keeper, timeMs)).length

describe('keepers', () => {
  it('are on the map at any hour: most by day, a few by night', () => {
    for (let hour = 0; hour < 48; hour++) {
      const count = onDuty(midnight + hour * HOUR)
      const isDay = hour % 24 >= 8 && hour % 24 < 17
      expect(count).toBeGreaterThanOrEqual(isDay ? 16 : 4)
      if (!isDay && (hour % 24 >= 19 || hour % 24 < 7)) expect(count).toBe(4)
    }
  })

  it('walk at human speed, noise included, and stay on foot between fixes', () => {
    for (const keeper of district.keepers) {
      let walked = 0
      for (let t = midnight + 9 * HOUR; t < midnight + 11 * HOUR; t += fixEveryMs) {
        const [a, b] = [walk.fixAt(keeper, t), walk.fixAt(keeper, t + fixEveryMs)]
        if (!a || !b) continue
        const metres = distanceM([a.lon, a.lat], [b.lon, b.lat])
        expect(metres).toBeLessThan(1.5 * 10 + 18)
        expect(a.speed ?? 0).toBeLessThanOrEqual(1.65)
        walked += metres
      }
      if (walk.isOnDuty(keeper, midnight + 10 * HOUR)) expect(walked).toBeGreaterThan(600)
    }
  })

  it('repeat: the same fix for the same instant, in whatever order it is asked', () => {
    const other = createKeeperWalk(district, seed)
    const keeper = district.keepers[3]!
    for (let t = midnight + DAY; t > midnight; t -= 17 * 60_000)
      expect(other.fixAt(keeper, t)).toEqual(walk.fixAt(keeper, t))
  })

  it('lose the network for minutes now and then', () => {
    let offline = 0
    let all = 0
    for (const keeper of district.keepers) {
      for (let t = midnight; t < midnight + DAY; t += 60_000) {
        const until = walk.offlineUntil(keeper, t)
        all++
        if (until === null) continue
        offline++
        expect(until).toBeGreaterThan(t)
        expect(until - t).toBeLessThanOrEqual(8 * 60_000)
      }
    }
    expect(offline / all).toBeGreaterThan(0.005)
    expect(offline / all).toBeLessThan(0.06)
  })
})
