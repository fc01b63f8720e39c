import { checkValues, findKind } from '@gridkeeper/domain'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { Meter, Protector, Transformer } from '../district/district.ts'
import { makeDistrict } from '../district/make-district.ts'
import { episodeAt, episodeOfDay, faults } from './faults.ts'
import { incidentsOfDay } from './incidents.ts'
import { DAY, HOUR, localDay, MINUTE, startOfDay } from './local-time.ts'
import { createReadings } from './readings.ts'

// Whole districts are made and walked here, on cores that others use too.
vi.setConfig({ testTimeout: 60_000 })

const seed = 3
const district = makeDistrict({ seed, assets: 600, stations: 3, grids: 12, keepers: 4 })
const readingAt = createReadings(district, seed)
const monday = Date.UTC(2026, 4, 17, 16)
const instants = fc.integer({ min: monday, max: monday + 200 * DAY })
const meters = district.assets.filter((asset): asset is Meter => asset.kind === 'meter')
const transformers = district.assets.filter((asset): asset is Transformer => asset.kind === 'transformer')

describe('readings', () => {
  it('are functions of seed, asset and time, whatever was asked before', () => {
    fc.assert(
      fc.property(fc.nat(district.assets.length - 1), instants, (index, timeMs) => {
        const asset = district.assets[index]!
        expect(createReadings(district, seed)(asset, timeMs)).toEqual(readingAt(asset, timeMs))
      }),
      { numRuns: 40 },
    )
  })

  it('are valid for their kind, in range, without unknown keys', () => {
    fc.assert(
      fc.property(fc.nat(district.assets.length - 1), instants, (index, timeMs) => {
        const asset = district.assets[index]!
        const values = readingAt(asset, timeMs)
        if (values === null) return
        const result = checkValues(findKind(asset.kind)!, values)
        expect(result).toMatchObject({ ok: true, checked: { flags: 0, extra: null } })
      }),
      { numRuns: 400 },
    )
  })

  it('of a meter: power is voltage times current times a power factor, and energy its integral', () => {
    for (const meter of meters.slice(0, 40)) {
      const from = monday + 9 * HOUR
      const first = readingAt(meter, from)
      const last = readingAt(meter, from + 6 * HOUR)
      if (first === null || last === null) continue
      let sum = 0
      for (let t = from + MINUTE / 2; t < from + 6 * HOUR; t += MINUTE)
        sum += Number(readingAt(meter, t)?.['p'] ?? 0) / 60
      const counted = Number(last['kwh']) - Number(first['kwh'])
      if (episodeAt(seed, faults.silent, meter.index, from + 3 * HOUR)) continue
      expect(Math.abs(counted - sum)).toBeLessThan(Math.max(0.08, counted * 0.02))
      if (meter.phases === 'ABC') continue
      const factor = (Number(first['p']) * 1_000) / (Number(first['ua']) * Number(first['ia']))
      expect(factor).toBeGreaterThan(0.85)
      expect(factor).toBeLessThanOrEqual(1.01)
    }
  })

  it('of a meter: the counter never falls, over midnights too and in whatever order it is asked', () => {
    fc.assert(
      fc.property(
        fc.nat(meters.length - 1),
        instants,
        fc.integer({ min: 1, max: 3 * DAY }),
        (index, timeMs, later) => {
          const ask = createReadings(district, seed)
          const after = ask(meters[index]!, timeMs + later)
          const before = ask(meters[index]!, timeMs)
          if (before && after) expect(Number(after['kwh'])).toBeGreaterThanOrEqual(Number(before['kwh']))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('of a transformer: it carries at least what its meters take', () => {
    for (const transformer of transformers) {
      const timeMs = monday + 20 * HOUR
      const metered = transformer.meters.reduce(
        (sum, index) => sum + Number(readingAt(district.assets[index]!, timeMs)?.['p'] ?? 0),
        0,
      )
      expect(Number(readingAt(transformer, timeMs)!['p'])).toBeGreaterThan(metered * 0.96)
    }
  })

  it('make a day with its peak in the evening and its valley in the night', () => {
    const load = (hour: number) =>
      transformers.reduce((sum, asset) => sum + Number(readingAt(asset, monday + hour * HOUR)!['p']), 0)
    const curve = Array.from({ length: 24 }, (_, hour) => load(hour))
    const peak = curve.indexOf(Math.max(...curve))
    const valley = curve.indexOf(Math.min(...curve))
    expect(peak).toBeGreaterThanOrEqual(18)
    expect(peak).toBeLessThanOrEqual(21)
    expect(valley).toBeLessThanOrEqual(5)
    expect(curve[valley]! / curve[peak]!).toBeGreaterThan(0.25)
  })

  it('of a sound meter keep within 215 and 236 V nearly always', () => {
    const volts = meters.flatMap((meter) =>
      Array.from({ length: 24 }, (_, hour) => readingAt(meter, monday + hour * HOUR)?.['ua']).flatMap((u) =>
        typeof u === 'number' ? [u] : [],
      ),
    )
    expect(volts.filter((u) => u >= 215 && u <= 236).length / volts.length).toBeGreaterThan(0.97)
  })
})

describe('incidents', () => {
  const protectors = district.assets.filter((asset): asset is Protector => asset.kind === 'protector')
  const tripped = Array.from({ length: 30 }, (_, i) => localDay(monday) + i).flatMap((day) =>
    protectors.flatMap((asset) => {
      const episode = episodeOfDay(seed, faults.trip, asset.index, day)
      return episode ? [{ asset, episode }] : []
    }),
  )

  it('of a protector agree with its readings: open from the trip to the reclosure, one more trip counted', () => {
    expect(tripped.length).toBeGreaterThan(20)
    for (const { asset, episode } of tripped) {
      const before = readingAt(asset, episode.startMs - 1)!
      const during = readingAt(asset, episode.startMs)!
      expect(during).toMatchObject({ pos: 1, residual: 0 })
      if (before['pos'] === 2) expect(during['trips']).toBe(Number(before['trips']) + 1)
      expect(readingAt(asset, episode.endMs)!['pos']).toBe(2)
    }
  })

  it('of a day come in order of time, each beginning with its end', () => {
    const day = localDay(monday)
    const incidents = incidentsOfDay(seed, district.assets, day)
    expect(incidents.map(({ timeMs }) => timeMs)).toEqual(
      incidents.map(({ timeMs }) => timeMs).toSorted((a, b) => a - b),
    )
    const count = (event: string) => incidents.filter((incident) => incident.event === event).length
    expect(count('trip')).toBe(count('reclosed'))
    expect(count('open')).toBe(count('closed'))
    expect(incidents[0]!.timeMs).toBeGreaterThanOrEqual(startOfDay(day))
  })
})
