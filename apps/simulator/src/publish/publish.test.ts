import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { maxPayloadBytes } from '@gridkeeper/contracts'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createKeeperWalk } from '../behaviour/keeper-walk.ts'
import { incidentsOfDay } from '../behaviour/incidents.ts'
import { DAY, HOUR, localDay, startOfDay } from '../behaviour/local-time.ts'
import { createReadings } from '../behaviour/readings.ts'
import { makeDistrict } from '../district/make-district.ts'
import { backFill, history, tellPresent } from './back-fill.ts'
import type { FrontDoor, Item, ItemChannel } from './front-door.ts'
import { inPayloads, Tally } from './front-door.ts'
import { apiUrl, importFile } from './import-registry.ts'
import { createKeeperFeed } from './keeper-feed.ts'
import { createLiveFeed } from './live-feed.ts'
import { historyFrom, identityOf, readState, writeState } from './state-file.ts'

// Whole districts are made and walked here, on cores that others use too.
vi.setConfig({ testTimeout: 60_000 })

const seed = 9
const size = { seed, assets: 400, stations: 3, grids: 9, keepers: 6 }
const district = makeDistrict(size)
const readingAt = createReadings(district, seed)
const walk = createKeeperWalk(district, seed)
const day = localDay(Date.UTC(2026, 8, 1))
const morning = startOfDay(day) + 9 * HOUR

interface Told {
  key: string
  channel: ItemChannel
  items: readonly Item[]
}

function fakeDoor(acknowledges = true) {
  const told: Told[] = []
  let inFlight = 0
  let most = 0
  const door: FrontDoor = {
    counts: () => new Tally(),
    inFlight: () => inFlight,
    publish: async (key, channel, items) => {
      told.push({ key, channel, items: Array.isArray(items) ? (items as readonly Item[]) : [items as Item] })
      most = Math.max(most, ++inFlight)
      await new Promise((resolve) => setImmediate(resolve))
      if (!acknowledges) return new Promise<boolean>(() => undefined)
      inFlight--
      return true
    },
  }
  return { door, told, most: () => most }
}

describe('the live feed', () => {
  const parts = { seed, assets: district.assets, readingAt, startMs: morning }

  it('keeps the rate, and lets every asset but covers speak in a round', async () => {
    const { door, told } = fakeDoor()
    const feed = createLiveFeed({ ...parts, door, ratePerSecond: 100 })
    for (let i = 1; i <= 40; i++) {
      feed.tick(morning + i * 100)
      await new Promise((resolve) => setImmediate(resolve))
    }
    const readings = told.filter(({ channel }) => channel === 'readings')
    expect(readings.length).toBeGreaterThan(380)
    expect(readings.length).toBeLessThanOrEqual(402)
    const heard = new Set(readings.map(({ key }) => key))
    const silent = district.assets.filter(({ kind, code }) => kind !== 'cover' && !heard.has(code))
    expect(silent.length).toBeLessThan(15)
  })

  it('leaves turns out and counts them when nothing is acknowledged, instead of growing', () => {
    const { door, told } = fakeDoor(false)
    const feed = createLiveFeed({ ...parts, door, ratePerSecond: 2_000 })
    for (let i = 1; i <= 20; i++) feed.tick(morning + i * 100)
    expect(told.length).toBeLessThanOrEqual(1_010)
    expect(feed.withheld()).toBeGreaterThan(2_500)
  })

  it('tells each incident once, at its own time, with the reading that goes with it', () => {
    const { door, told } = fakeDoor()
    const feed = createLiveFeed({ ...parts, startMs: startOfDay(day), door, ratePerSecond: 0.001 })
    for (let t = startOfDay(day); t <= startOfDay(day) + DAY; t += 60_000) feed.tick(t)
    const expected = incidentsOfDay(seed, district.assets, day).filter(
      ({ timeMs }) => timeMs < startOfDay(day) + DAY,
    )
    const events = told.filter(({ channel }) => channel === 'events').map(({ items }) => items[0]!.t)
    for (const { timeMs } of expected) expect(events.filter((t) => t === timeMs)).toHaveLength(1)
    const trip = expected.find(({ event }) => event === 'trip')
    if (trip) {
      const reading = told.find(({ channel, items }) => channel === 'readings' && items[0]!.t === trip.timeMs)
      expect(reading?.items[0]).toMatchObject({ v: { pos: 1 } })
    }
  })
})

describe('the phones', () => {
  it('send every fix once, the buffered ones after the gap', () => {
    const { door, told } = fakeDoor()
    const feed = createKeeperFeed(district.keepers, walk, door, morning)
    for (let t = morning; t <= morning + 2 * HOUR; t += 1_000) feed.tick(t)
    feed.flush()
    for (const { code, index } of district.keepers) {
      const times = told.filter(({ key }) => key === code).flatMap(({ items }) => items.map(({ t }) => t!))
      const expected: number[] = []
      const phase = (index * 377) % 10_000
      const first = Math.floor((morning - phase) / 10_000) * 10_000 + phase + 10_000
      for (let t = first; t <= morning + 2 * HOUR; t += 10_000)
        if (walk.fixAt(district.keepers[index]!, t)) expected.push(t)
      expect(times).toEqual(expected)
    }
    expect(told.some(({ items }) => items.length > 5)).toBe(true)
  })
})

describe('the back-fill', () => {
  it('tells whole steps once, newest hours first, in payloads that the front door takes', async () => {
    const { door, told, most } = fakeDoor()
    const messages = history({ district, readingAt, walk }, morning - DAY, morning)
    const control = { isStopped: () => false, onProgress: () => undefined }
    expect(await backFill(messages, door, control)).toBe(true)
    expect(most()).toBeLessThanOrEqual(16)
    const meter = district.assets.find(({ kind }) => kind === 'transformer')!
    const times = told
      .filter(({ key }) => key === meter.code)
      .flatMap(({ items }) => items.map(({ t }) => t!))
    expect(new Set(times).size).toBe(96)
    expect(times).toHaveLength(96)
    expect(times[0]).toBeGreaterThanOrEqual(morning - 6 * HOUR)
    for (const { items } of told) expect(JSON.stringify(items).length).toBeLessThanOrEqual(maxPayloadBytes)
    const fixes = told
      .filter(({ channel }) => channel === 'fixes')
      .flatMap(({ items }) => items.map(({ t }) => t!))
    expect(Math.min(...fixes)).toBeGreaterThanOrEqual(morning - 8 * HOUR)
  })

  it('ends early and says so when stopped', async () => {
    const { door } = fakeDoor()
    const messages = history({ district, readingAt, walk }, morning - DAY, morning)
    let stopped = 0
    const control = { isStopped: () => ++stopped > 5, onProgress: () => undefined }
    expect(await backFill(messages, door, control)).toBe(false)
  })

  it('begins with the present: every asset once, a silent one with its last words', async () => {
    const { door, told } = fakeDoor()
    await tellPresent(
      district.assets,
      readingAt,
      door,
      () => morning,
      () => false,
    )
    expect(told).toHaveLength(district.assets.length)
    expect(told.every(({ items }) => items[0]!.t! <= morning && items[0]!.t! >= morning - DAY)).toBe(true)
  })
})

describe('payloads', () => {
  it('hold all items in order and never exceed the limit', () => {
    const items = Array.from({ length: 3_000 }, (_, t) => ({ t, v: { note: '井'.repeat(30) } }))
    const payloads = inPayloads(items)
    expect(payloads.flat()).toEqual(items)
    for (const payload of payloads)
      expect(Buffer.byteLength(JSON.stringify(payload))).toBeLessThanOrEqual(maxPayloadBytes)
  })
})

describe('the state file', () => {
  let folder: string | undefined
  afterEach(async () => {
    if (folder) await rm(folder, { recursive: true })
    folder = undefined
  })

  it('lets a restart fill only the hole, and another district begin anew', async () => {
    folder = await mkdtemp(join(tmpdir(), 'gk-sim-'))
    const file = join(folder, 'new', 'state.json')
    const identity = identityOf(size)
    expect(await readState(file)).toBeNull()
    await writeState(file, { identity, isBackFilled: true, liveUntilMs: 1_000 * HOUR })
    const state = await readState(file)
    expect(historyFrom(state, identity, 1_003 * HOUR, 24 * HOUR)).toBe(1_000 * HOUR)
    expect(historyFrom(state, identity, 1_100 * HOUR, 24 * HOUR)).toBe(1_076 * HOUR)
    expect(historyFrom(state, identityOf({ ...size, seed: 2 }), 1_003 * HOUR, 24 * HOUR)).toBe(979 * HOUR)
    expect(historyFrom({ ...state!, isBackFilled: false }, identity, 1_003 * HOUR, 24 * HOUR)).toBe(
      979 * HOUR,
    )
  })
})

describe('the import', () => {
  const report = { format: 'grids', added: 2, changed: 0, unchanged: 0, rejected: 0, problems: [] }

  it('logs in, waits for an api that is still starting, and reads its report', async () => {
    const seen: string[] = []
    const server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization}`)
      request.resume()
      request.on('end', () => {
        response.statusCode = seen.length === 1 ? 503 : 200
        response.end(JSON.stringify(report))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const access = { url, name: 'admin', password: 's:1' }
      expect(await importFile(access, { format: 'grids', text: '{}' })).toEqual(report)
      const login = Buffer.from('admin:s:1').toString('base64')
      expect(seen).toEqual(Array(2).fill(`POST /api/import Basic ${login}`))
    } finally {
      server.close()
    }
  })

  it.each(['http://h:1', 'http://h:1/', 'http://h:1/api', 'http://h:1/api/'])(
    'finds the api under %s',
    (base) => {
      expect(apiUrl(base, 'import').href).toBe('http://h:1/api/import')
    },
  )

  it('fails at once with the reason when the login is refused', async () => {
    const server = createServer((request, response) => {
      request.resume()
      response.statusCode = 401
      response.end('{"code":"login"}')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      await expect(
        importFile({ url, name: 'a', password: 'b' }, { format: 'lines', text: 'x' }),
      ).rejects.toThrow('HTTP 401')
    } finally {
      server.close()
    }
  })
})
