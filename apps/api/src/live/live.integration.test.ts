import type { Socket } from 'node:net'
import { eventually, startTestDatabase, type TestDatabase } from '@gridkeeper/testkit'
import { migrate } from '@gridkeeper/store'
import { assetState } from '@gridkeeper/domain'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openLive, type LiveClient } from '../testing/live-client.ts'
import { seedDistrict } from '../testing/seed-district.ts'
import { adminLogin, basic, startTestApi, type TestApi } from '../testing/start-test-api.ts'
import { startTestBroker, type TestBroker } from '../testing/start-test-broker.ts'

const assetCount = 200
const gateway = 'gw-1'
let database: TestDatabase
let pool: pg.Pool
let broker: TestBroker
let api: TestApi
let sequence = 0
const clients: LiveClient[] = []

beforeAll(async () => {
  database = await startTestDatabase()
  pool = new pg.Pool({ connectionString: database.url, max: 2 })
  await migrate(pool)
  await seedDistrict(pool, assetCount)
  broker = await startTestBroker()
  api = await startTestApi(database.url, broker.url)
  await eventually(async () =>
    expect(await (await fetch(`${api.url}/readyz`)).json()).toMatchObject({ bus: true }),
  )
})

afterEach(() => {
  for (const client of clients.splice(0)) client.close()
})

afterAll(async () => {
  await api?.stop()
  await broker?.stop()
  await pool?.end()
  await database?.stop()
})

async function open(): Promise<LiveClient> {
  const client = await openLive(api.url, basic(adminLogin))
  clients.push(client)
  return client
}

async function watch(gridId: number | null): Promise<LiveClient> {
  const client = await open()
  client.socket.emit('watch', gridId)
  await eventually(() => expect(client.frames).toHaveLength(1))
  return client
}

const changeOf = (id: number, headline: number, timeMs = Date.now()) => ({
  id,
  timeMs,
  headline,
  state: assetState.normal,
  flags: 0,
})

const publish = (...ids: number[]) =>
  broker.publishFrame(gateway, { sequence: ++sequence, assets: ids.map((id) => changeOf(id, sequence)) })

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** The first frame of a gateway leads to a reload; let it pass. */
async function settle() {
  await publish(1)
  await pause(300)
}

describe('the live stream', () => {
  it('refuses a client without a login, and says so', async () => {
    await expect(openLive(api.url, {})).rejects.toThrow('login-needed')
  })

  it('starts with a snapshot of everything under the watched grid', async () => {
    const all = await watch(null)
    expect(all.frames[0]).toMatchObject({ isSnapshot: true })
    expect(all.frames[0]?.assets).toHaveLength(assetCount)
    const east = await watch(2)
    expect(east.frames[0]?.assets.map(({ id }) => id % 2)).toEqual(Array<number>(assetCount / 2).fill(1))
    expect(east.frames[0]?.keepers.map(({ id }) => id)).toEqual([1])
  })

  it('sends only the changes of the watched grid, each sequence one further', async () => {
    await settle()
    const east = await watch(2)
    const west = await watch(3)
    await publish(1, 3)
    await eventually(() => expect(east.frames).toHaveLength(2))
    await publish(5)
    await eventually(() => expect(east.frames).toHaveLength(3))
    const [snapshot, first, second] = east.frames
    expect(first?.assets.map(({ id }) => id)).toEqual([1, 3])
    expect(second?.assets.map(({ id }) => id)).toEqual([5])
    expect([first?.sequence, second?.sequence]).toEqual([snapshot!.sequence + 1, snapshot!.sequence + 2])
    expect(west.frames).toHaveLength(1)
  })

  it('takes at most 16 bytes for each changed asset on the wire', async () => {
    await settle()
    const client = await watch(null)
    const wire = rawBytes(client)
    await publish(...Array.from({ length: assetCount }, (_, index) => index + 1))
    await eventually(() => expect(client.frames).toHaveLength(2))
    expect(client.frames[1]?.assets).toHaveLength(assetCount)
    expect(wire() / assetCount).toBeLessThanOrEqual(16)
  })

  it('sends at most ten frames a second, however much changes', async () => {
    await settle()
    const client = await watch(null)
    const endMs = Date.now() + 2_000
    while (Date.now() < endMs) {
      await publish(1 + (sequence % assetCount))
      await pause(5)
    }
    expect(client.frames.length - 1).toBeLessThanOrEqual(21)
    expect(client.frames.length - 1).toBeGreaterThan(10)
  })

  it('sends nothing while nothing changes', async () => {
    await settle()
    const client = await watch(null)
    await pause(3_000)
    expect(client.frames).toHaveLength(1)
  })

  it('leaves a client alone that has too much unseen, and wakes it with the newest state', async () => {
    await settle()
    const client = await watch(null)
    client.isAsleep = true
    for (let i = 0; i < 30; i++) {
      await publish(7)
      await pause(105)
    }
    const before = client.frames.length
    expect(before).toBeLessThanOrEqual(1 + 16)
    client.isAsleep = false
    client.socket.emit('seen', client.frames.at(-1)?.sequence)
    await eventually(() => expect(client.frames.length).toBe(before + 1))
    const woken = client.frames.at(-1)
    expect(woken?.isSnapshot).toBe(true)
    expect(woken?.assets.find(({ id }) => id === 7)?.headline).toBe(sequence)
    await publish(9)
    await eventually(() =>
      expect(client.frames.at(-1)).toMatchObject({ isSnapshot: false, sequence: woken!.sequence + 1 }),
    )
  })

  it('drops a client whose socket takes nothing any more, and gives it the newest state when it comes back', async () => {
    await settle()
    const client = await watch(null)
    const disconnected = new Promise((resolve) => client.socket.once('disconnect', resolve))
    const socket = rawSocket(client)
    socket.pause()
    const start = await metric('gk_api_live_connections')
    await eventually(
      async () => {
        await publish(15)
        expect(await metric('gk_api_live_connections')).toBe(start - 1)
      },
      { timeoutMs: 10_000, intervalMs: 100 },
    )
    socket.resume()
    await disconnected
    const again = await watch(null)
    expect(again.frames[0]?.assets.find(({ id }) => id === 15)?.headline).toBe(sequence)
  })

  it('tells a client within two seconds that the stream broke', async () => {
    const client = await watch(null)
    const disconnected = new Promise((resolve) => client.socket.once('disconnect', resolve))
    // The other end is gone without a word: nothing comes in any more.
    rawSocket(client).pause()
    const start = Date.now()
    await disconnected
    expect(Date.now() - start).toBeLessThan(2_500)
  })

  it('refuses more screens than it was set to, and says so', async () => {
    const small = await startTestApi(database.url, broker.url, { live: { maxScreens: 1 } })
    try {
      const first = await openLive(small.url, basic(adminLogin))
      clients.push(first)
      await expect(openLive(small.url, basic(adminLogin))).rejects.toThrow('full')
    } finally {
      await small.stop()
    }
  })

  it('reads the database again after a gap, and tells what it had missed', async () => {
    await settle()
    const client = await watch(null)
    await pool.query(
      `insert into asset_state values (11, now(), now(), 1, '{"p": 42}', 0)
       on conflict (asset_id) do update set time = excluded.time, values = excluded.values`,
    )
    sequence += 1
    await publish(13)
    await eventually(() =>
      expect(client.frames.slice(1).flatMap(({ assets }) => assets)).toContainEqual(
        expect.objectContaining({ id: 11, headline: 42 }),
      ),
    )
  })

  it('tells an alarm at once, to those whose grid it is in', async () => {
    await settle()
    const east = await watch(2)
    const west = await watch(3)
    const alarm = {
      id: 5,
      assetId: 1,
      rule: 'over-voltage',
      severity: 'warning' as const,
      metric: 'ua',
      value: 250,
      raisedAtMs: Date.now(),
      clearedAtMs: null,
    }
    await broker.publishAlarms(gateway, 1, [alarm])
    await eventually(() => expect(east.alarms).toEqual([alarm]))
    expect(west.alarms).toEqual([])
  })

  it('tells the state of the chain behind it', async () => {
    const client = await open()
    await eventually(() => expect(client.feeds.at(-1)?.state).toBe('down'))
    const status = {
      gatewayId: gateway,
      online: true,
      taking: true,
      shedding: 'nothing' as const,
      atMs: Date.now(),
    }
    await broker.publishStatus(status)
    await eventually(() => expect(client.feeds.at(-1)?.state).toBe('live'))
    await broker.publishStatus({ ...status, shedding: 'fixes' })
    await eventually(() => expect(client.feeds.at(-1)).toMatchObject({ state: 'live', shedding: 'fixes' }))
    await broker.publishStatus({ ...status, taking: false })
    await eventually(() => expect(client.feeds.at(-1)?.state).toBe('held'))
    broker.cut()
    await eventually(() => expect(client.feeds.map(({ state }) => state)).toContain('down'))
    await eventually(() => expect(client.feeds.at(-1)?.state).toBe('held'), { timeoutMs: 5_000 })
  })

  it('gives an empty world to whoever watches a grid that is not there', async () => {
    const client = await watch(99)
    expect(client.frames[0]).toMatchObject({ isSnapshot: true, assets: [], keepers: [] })
  })
})

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${api.url}/metrics`)).text()
  return Number(new RegExp(`^${name}\\{.*\\} (\\d+)$`, 'm').exec(text)?.[1])
}

/** The TCP socket under a client. */
function rawSocket(client: LiveClient): Socket {
  const engine = client.socket.io.engine as unknown as { transport: { ws: { _socket: Socket } } }
  return engine.transport.ws._socket
}

/** Bytes that came over the socket since the call. */
function rawBytes(client: LiveClient): () => number {
  const socket = rawSocket(client)
  const start = socket.bytesRead
  return () => socket.bytesRead - start
}
