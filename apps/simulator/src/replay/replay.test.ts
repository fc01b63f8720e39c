import { readFile } from 'node:fs/promises'
import { distanceM } from '@gridkeeper/domain'
import { describe, expect, it } from 'vitest'
import type { FrontDoor } from '../publish/front-door.ts'
import { Tally } from '../publish/front-door.ts'
import { recording, recordings } from '../recordings.fixture.ts'
import { chooseMap } from './column-map.ts'
import { createTrackMove } from './move-track.ts'
import { readOptions } from './options.ts'
import { parseTime } from './parse-time.ts'
import { readCsv, toSample } from './read-csv.ts'
import { readGpx } from './read-gpx.ts'
import type { Sample } from './sample.ts'
import { lastTime, sendRecording } from './send-recording.ts'

const utc = (text: string) => ({ ok: true, timeMs: Date.parse(text) })

describe('times of recordings', () => {
  it('are read in every form, local ones by the zone with its summer time', () => {
    expect(parseTime('2016-07-01 00:00:00', 'iso', 'Asia/Shanghai')).toEqual(utc('2016-06-30T16:00:00Z'))
    expect(parseTime('2016-07-01T00:00:00+02:00', 'iso', 'Asia/Shanghai')).toEqual(
      utc('2016-06-30T22:00:00Z'),
    )
    expect(parseTime('1901-12-13T20:45:52.2073437Z', 'iso', 'UTC')).toEqual(utc('1901-12-13T20:45:52.207Z'))
    expect(parseTime('5/2/2007 00:01:00', 'd/M/yyyy HH:mm:ss', 'Europe/Paris')).toEqual(
      utc('2007-02-04T23:01:00Z'),
    )
    expect(parseTime('5/7/2007 00:01:00', 'd/M/yyyy HH:mm:ss', 'Europe/Paris')).toEqual(
      utc('2007-07-04T22:01:00Z'),
    )
    expect(parseTime('01.02.2026', 'dd.MM.yyyy', 'UTC')).toEqual(utc('2026-02-01T00:00:00Z'))
    expect(parseTime('1763726400', 'epoch-s', 'UTC')).toEqual({ ok: true, timeMs: 1_763_726_400_000 })
    expect(parseTime('1763726400123', 'epoch-ms', 'UTC')).toEqual({ ok: true, timeMs: 1_763_726_400_123 })
  })

  it.each(['', 'yesterday', '2026-02-31', '2026-01-01 25:00', '01/02/2026'])('refuse “%s”', (text) => {
    expect(parseTime(text, 'iso', 'UTC').ok).toBe(false)
  })
})

describe('column maps', () => {
  it('are known by the header, or said by the user', () => {
    const ett = ['date', 'HUFL', 'HULL', 'MUFL', 'MULL', 'LUFL', 'LULL', 'OT']
    const chosen = chooseMap(ett, 'transformer', {})
    expect(chosen).toMatchObject({ ok: true, map: { zone: 'Asia/Shanghai' } })
    expect(chooseMap(['When', 'P'], 'meter', { map: 'time=When,p=P', timeFormat: 'epoch-s' })).toMatchObject({
      ok: true,
      map: { time: ['When'], timeFormat: 'epoch-s', values: [{ key: 'p', column: 'P' }] },
    })
  })

  it.each([
    [{}, /unknown file type/],
    [{ map: 'time=a,p=c' }, /missing column c/],
    [{ map: 'p=a' }, /time=/],
    [{ map: 'time=a' }, /names no value/],
    [{ map: 'time' }, /not key=column/],
  ])('say what is wrong: %o', (wish, reason) => {
    const result = chooseMap(['a', 'b'], 'meter', wish)
    expect(result.ok ? '' : result.reason).toMatch(reason)
  })
})

describe('rows', () => {
  const map = {
    time: ['t'],
    timeFormat: 'epoch-ms',
    zone: 'UTC',
    values: [
      { key: 'p', column: 'p' },
      { key: 'ua', column: 'u' },
    ],
  }
  const row = (...cells: string[]) => toSample(cells, ['t', 'p', 'u'], map, 'meter', 7)

  it('leave out what was not measured, and refuse what is no value', () => {
    expect(row('1000', '0.5', '?')).toEqual({
      ok: true,
      line: 7,
      timeMs: 1_000,
      body: { channel: 'readings', values: { p: 0.5 } },
    })
    expect(row('1000', '?', '')).toMatchObject({ ok: false, line: 7, reason: 'nothing was measured' })
    expect(row('1000', 'x', '230')).toMatchObject({
      ok: false,
      reason: expect.stringContaining('not a value of p'),
    })
    expect(row('1000', '1')).toMatchObject({ ok: false, reason: '2 columns instead of 3' })
  })
})

describe('GPX', () => {
  it('gives the points of all tracks, and names those without time or place', () => {
    const samples = readGpx(
      `<gpx><wpt lat="1" lon="1"/><trk><trkseg><trkpt lat="1" lon="2"><ele>5</ele><time>2026-01-01T00:00:00Z</time></trkpt>
       <trkpt lat="1" lon="2"/></trkseg></trk><trk><trkseg/><trkseg><trkpt lat="95" lon="2"><time>2026-01-01T00:00:00Z</time></trkpt></trkseg></trk></gpx>`,
    )
    expect(samples.map(({ ok }) => ok)).toEqual([true, false, false])
    expect(samples[0]).toMatchObject({ body: { channel: 'fixes', fix: { lon: 2, lat: 1, alt: 5 } } })
  })

  it.each(['no xml', '<kml></kml>', '<gpx><trk></gpx>', '<gpx></gpx>'])('refuses %s', (text) => {
    expect(() => readGpx(text)).toThrow()
  })
})

describe('a moved track', () => {
  it('starts where it is told and keeps its lengths', () => {
    const track = [
      [13.748, 46.434],
      [13.752, 46.437],
      [13.742, 46.431],
    ] as const
    const move = createTrackMove([113.4, 30.2])
    const moved = track.map(move)
    expect(moved[0]).toEqual([113.4, 30.2])
    for (let i = 1; i < track.length; i++) {
      expect(distanceM(moved[i - 1]!, moved[i]!) / distanceM(track[i - 1]!, track[i]!)).toBeCloseTo(1, 2)
    }
  })
})

describe('sending', () => {
  const samples: Sample[] = [
    { ok: true, line: 2, timeMs: 1_000, body: { channel: 'readings', values: { p: 1 } } },
    { ok: false, line: 3, reason: 'bad' },
    { ok: true, line: 4, timeMs: 4_000, body: { channel: 'readings', values: { p: 2 } } },
  ]

  it('keeps the pace asked for, shifts times, lists bad rows and counts everything', async () => {
    const told: unknown[] = []
    const slept: number[] = []
    const bad: string[] = []
    const door: FrontDoor = {
      counts: () => new Tally(),
      inFlight: () => 0,
      publish: async (key, channel, items) => {
        told.push([key, channel, items])
        return true
      },
    }
    const summary = await sendRecording(samples, door, {
      key: 'k',
      speed: 3,
      shiftMs: 10,
      startAt: null,
      now: () => 1e12,
      sleep: async (ms) => void slept.push(ms),
      onBadRow: (line, reason) => bad.push(`${line} ${reason}`),
    })
    expect(told).toEqual([
      ['k', 'readings', { t: 1_010, v: { p: 1 } }],
      ['k', 'readings', { t: 4_010, v: { p: 2 } }],
    ])
    expect(slept).toEqual([1_000])
    expect(bad).toEqual(['3 bad'])
    expect(summary).toEqual({
      read: 3,
      sent: 2,
      acknowledged: 2,
      rejected: 1,
      firstMs: 1_010,
      lastMs: 4_010,
      unbelieved: 2,
    })
    expect(await lastTime(samples)).toBe(4_000)
  })
})

describe('options', () => {
  const file = import.meta.filename
  it('take a place west of Greenwich', () => {
    expect(readOptions([file, '--as', 'meter', '--key', 'm', '--at', '-0.5,51.2'])).toMatchObject({
      at: [-0.5, 51.2],
    })
  })
  it.each([
    [[], 'which file'],
    [['nowhere.csv', '--as', 'meter', '--key', 'k'], 'no file'],
    [[file, '--as', 'tower', '--key', 'k'], 'not tower'],
    [[file, '--as', 'meter'], '--key'],
    [[file, '--as', 'meter', '--key', 'a/b'], 'device key'],
    [[file, '--as', 'meter', '--key', 'k', '--speed', '0'], '--speed'],
    [[file, '--as', 'meter', '--key', 'k', '--at', '200,1'], 'LON,LAT'],
    [[file, '--as', 'meter', '--key', 'k', '--zone', 'Mars/Base'], 'time zone'],
    [[file, '--as', 'meter', '--key', 'k', '--fast'], 'fast'],
  ])('refuse %j', (args, reason) => {
    expect(() => readOptions(args)).toThrow(reason)
  })
})

describe.skipIf(recordings === null)('the recordings folder', () => {
  const all = async (samples: AsyncIterable<Sample>) => {
    const list: Sample[] = []
    for await (const sample of samples) list.push(sample)
    return list
  }

  it('has two days of a household meter by the minute', async () => {
    const samples = await all(
      readCsv(recording('meter-uci-household', 'household_power_consumption_2days.txt'), 'meter', {}),
    )
    expect(samples).toHaveLength(2_880)
    expect(samples.every(({ ok }) => ok)).toBe(true)
    expect(samples[0]).toMatchObject({
      line: 2,
      timeMs: Date.parse('2007-02-04T23:00:00Z'),
      body: { values: { p: 0.374, q: 0.09, ua: 243.87, ia: 1.6 } },
    })
  })

  it('has two years of a transformer by the hour', async () => {
    const samples = await all(readCsv(recording('meter-ett-transformer', 'ETTh1.csv'), 'transformer', {}))
    expect(samples).toHaveLength(17_420)
    expect(samples.every(({ ok }) => ok)).toBe(true)
    expect(samples[0]).toMatchObject({
      timeMs: Date.parse('2016-06-30T16:00:00Z'),
      body: { values: { p: 5.827000141143799, oil_temp: 30.5310001373291, lull: 1.3400000333786009 } },
    })
  })

  it('has tracks, one of them from 1901', async () => {
    const read = async (name: string) => readGpx(await readFile(recording('gps-gpxpy-hikes', name), 'utf8'))
    const clock = await read('Mojstrovka.gpx')
    expect(clock).toHaveLength(184)
    expect(clock.every((sample) => sample.ok && new Date(sample.timeMs).getUTCFullYear() === 1901)).toBe(true)
    // Its first 358 points are a planned route without times.
    const hike = await read('korita-zbevnica.gpx')
    expect([hike.length, hike.filter(({ ok }) => ok).length]).toEqual([871, 513])
    expect((await read('cerknicko-jezero.gpx')).filter(({ ok }) => ok)).toHaveLength(296)
  })
})
