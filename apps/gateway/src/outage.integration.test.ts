import { fork, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bus, decodeFrame, type Alarm, type GatewayStatus } from '@gridkeeper/contracts'
import { migrate, openStore, type Store } from '@gridkeeper/store'
import { eventually, freePort, startTestDatabase, type TestDatabase } from '@gridkeeper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startDatabaseProxy } from './database-proxy.trial.ts'
import { busSecret, connect, connectToBus, registerDevices, send, startGateway } from './gateway.trial.ts'
import { Publisher } from './publisher.trial.ts'

const root = join(import.meta.dirname, '..', '..', '..')
/** The goal is 50 of each; a run of all tests does a few. */
const kills = Number(process.env['TEST_KILLS'] ?? 3)
const killTimeoutMs = 60_000 + kills * 30_000

/** One of our own programs, as it is run. */
async function startProgram(
  path: string,
  env: Record<string, string>,
): Promise<ChildProcess & { ready: Record<string, unknown> }> {
  const child = fork(join(root, path), [], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, LOG_LEVEL: 'silent', ...env },
  })
  const ready = await new Promise<Record<string, unknown>>((resolve, reject) => {
    child.once('message', (message: { type: string }) =>
      message.type === 'ready' ? resolve({ ...message }) : reject(new Error(JSON.stringify(message))),
    )
    child.once('exit', (code, signal) => reject(new Error(`${path} ended with ${code ?? signal}`)))
  })
  return Object.assign(child, { ready })
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await exited
}

const startGatewayProgram = (databaseUrl: string, port: number) =>
  startProgram('apps/gateway/dist/main.js', {
    DATABASE_URL: databaseUrl,
    MQTT_PORT: String(port),
    GATEWAY_HTTP_PORT: '0',
    BUS_SECRET: busSecret,
  })

/** What the database holds of a publisher, against his own ledger. */
async function audit(store: Store, { deviceKey }: Publisher, fromMs: number) {
  const { rows } = await store.pool.query<{ at: number; p: number }>(
    `select (extract(epoch from r.time) * 1000)::double precision - $2 as at, r.p from reading_meter r join device d using (asset_id) where d.key = $1`,
    [deviceKey, fromMs],
  )
  return { stored: rows.length, distinct: new Set(rows.map(({ at }) => at)) }
}

async function expectExactlyOnce(
  store: Store,
  publishers: readonly Publisher[],
  fromMs: number,
  count: number,
): Promise<void> {
  for (const publisher of publishers) {
    expect(publisher.acknowledged.size).toBe(count)
    const { stored, distinct } = await audit(store, publisher, fromMs)
    expect([publisher.deviceKey, stored, distinct.size]).toEqual([publisher.deviceKey, count, count])
  }
}

describe('the gateway in an outage', () => {
  let database: TestDatabase
  let store: Store
  let nextDevice = 1
  const fresh = () => `M-${nextDevice++}`
  const fromMs = Date.now() - 3_600_000
  const countOf = async (key: string) => {
    const { rows } = await store.pool.query<{ n: number }>(
      'select count(*)::int as n from reading_meter r join device d using (asset_id) where d.key = $1',
      [key],
    )
    return rows[0]?.n
  }

  beforeAll(async () => {
    database = await startTestDatabase()
    store = await openStore({ url: database.url, applicationName: 'test' })
    await migrate(store.pool)
    await registerDevices(store.pool, 60)
  })
  afterAll(async () => {
    await store?.close()
    await database?.stop()
  })

  it('acknowledges nothing while the database is away, says so, and takes everything afterwards', async () => {
    const proxy = await startDatabaseProxy(database.url)
    const gateway = await startGateway(proxy.url)
    const key = fresh()
    const client = await connect(gateway.mqttPort)
    const reader = await connectToBus(gateway.mqttPort)
    const taking: boolean[] = []
    reader.on('message', (_, payload) =>
      taking.push((JSON.parse(payload.toString()) as GatewayStatus).taking),
    )
    await reader.subscribeAsync(bus.allStatus)
    await send(client, key, 'readings', { t: fromMs, v: { p: 0 } })

    proxy.cut()
    let acknowledged = 0
    const sent = Array.from({ length: 50 }, (_, at) =>
      send(client, key, 'readings', { t: fromMs + 1 + at, v: { p: at } }).then(() => acknowledged++),
    )
    await eventually(() => expect(taking).toEqual([true, false]))
    expect(await gateway.findProblem()).toMatch(/the database does not answer/)
    await sleep(300)
    expect(acknowledged).toBe(0)
    expect(client.connected).toBe(true)

    proxy.restore()
    await Promise.all(sent)
    expect(await countOf(key)).toBe(51)
    await eventually(() => expect(taking).toEqual([true, false, true]))
    expect(await gateway.findProblem()).toBeNull()
    await Promise.all([client.endAsync(), reader.endAsync()])
    await gateway.stop()
    await proxy.close()
  })

  it('settles a commit whose answer is lost: nothing twice, and everything told', async () => {
    const proxy = await startDatabaseProxy(database.url)
    const gateway = await startGateway(proxy.url)
    const key = fresh()
    const client = await connect(gateway.mqttPort)
    const reader = await connectToBus(gateway.mqttPort)
    const alarms: Alarm[] = []
    const times: (number | null | undefined)[] = []
    reader.on('message', (topic, payload) => {
      if (topic.startsWith('gk/bus/alarms/'))
        alarms.push(...(JSON.parse(payload.toString()) as { alarms: Alarm[] }).alarms)
      if (topic.startsWith('gk/bus/frames/')) times.push(decodeFrame(payload).assets[0]?.timeMs)
    })
    await reader.subscribeAsync(bus.all)

    const lost = proxy.loseNextCommitAnswer()
    // An absurd clock: its claim is known from the first commit on, so that writing the batch again blindly would find nothing new.
    const values = [
      { t: fromMs, v: { ua: 230 } },
      { t: fromMs + 1, v: { ua: 260 } },
      { t: 5, v: { ua: 261 } },
    ]
    await send(client, key, 'readings', values)
    await lost
    expect(await countOf(key)).toBe(3)
    await eventually(() =>
      expect(alarms).toMatchObject([{ rule: 'over-voltage', value: 260, clearedAtMs: null }]),
    )
    await send(client, key, 'readings', { v: { ua: 230 } })
    await eventually(() =>
      expect(alarms).toMatchObject([{ clearedAtMs: null }, { clearedAtMs: expect.any(Number) }]),
    )
    expect(times).toHaveLength(2)
    await Promise.all([client.endAsync(), reader.endAsync()])
    await gateway.stop()
    await proxy.close()
  })

  it('drains when it stops under load: acknowledged and stored are the same', async () => {
    const gateway = await startGateway(database.url)
    // Taken once: a stopped gateway has none, and the client library would turn to the standard port, to whoever listens there.
    const port = gateway.mqttPort
    const publishers = Array.from({ length: 5 }, () => new Publisher(fresh(), () => port, fromMs))
    const runs = publishers.map((publisher) => publisher.run(100_000))
    await eventually(() => expect(publishers.every(({ acknowledged }) => acknowledged.size > 50)).toBe(true))
    await gateway.stop()
    for (const publisher of publishers) publisher.stop()
    await Promise.all(runs)
    for (const publisher of publishers) {
      const { stored, distinct } = await audit(store, publisher, fromMs)
      expect(stored).toBe(distinct.size)
      expect([...publisher.acknowledged].filter((at) => !distinct.has(at))).toEqual([])
      expect([...distinct].filter((at) => !publisher.acknowledged.has(at))).toEqual([])
    }
  })

  it('gives up what it cannot commit when it has to stop, and acknowledges none of it', async () => {
    const proxy = await startDatabaseProxy(database.url)
    const gateway = await startGateway(proxy.url)
    const client = await connect(gateway.mqttPort)
    const key = fresh()
    await send(client, key, 'readings', { t: fromMs, v: {} })
    proxy.cut()
    let acknowledged = 0
    client.on('error', () => undefined)
    for (let at = 1; at <= 20; at++)
      send(client, key, 'readings', { t: fromMs + at, v: {} }).then(
        () => acknowledged++,
        () => undefined,
      )
    await sleep(100)
    await gateway.stop()
    expect(acknowledged).toBe(0)
    expect(await countOf(key)).toBe(1)
    client.end(true)
    await proxy.close()
  })

  it(
    `loses and doubles nothing over ${kills} kills of its process under load`,
    async () => {
      const count = 150 * kills
      const port = await freePort()
      const publishers = Array.from({ length: 6 }, () => new Publisher(fresh(), () => port, fromMs))
      const acknowledged = () => publishers.reduce((sum, publisher) => sum + publisher.acknowledged.size, 0)
      let gateway = await startGatewayProgram(database.url, port)
      const runs = publishers.map((publisher) => publisher.run(count, 5))
      for (let at = 1; at <= kills; at++) {
        await eventually(
          () => expect(acknowledged()).toBeGreaterThan((publishers.length * count * at) / (kills + 1)),
          { timeoutMs: 30_000, intervalMs: 3 },
        )
        await kill(gateway)
        gateway = await startGatewayProgram(database.url, port)
      }
      await Promise.all(runs)
      await kill(gateway)
      await expectExactlyOnce(store, publishers, fromMs, count)
      expect(publishers[0]?.connections).toBeGreaterThan(1)
    },
    killTimeoutMs,
  )

  it(
    `loses and doubles nothing over ${kills} kills of the embedded database under load`,
    async () => {
      const directory = await mkdtemp(join(tmpdir(), 'gridkeeper-outage-'))
      const port = await freePort()
      const startEmbedded = () =>
        startProgram('packages/embedded/dist/main.js', {
          EMBEDDED_DATA_DIR: join(directory, 'db'),
          EMBEDDED_PORT: String(port),
          EMBEDDED_TEMPLATE_DIR: join(tmpdir(), 'gridkeeper-testkit'),
        })
      let engine = await startEmbedded()
      const own = await openStore({ url: String(engine.ready['url']), applicationName: 'test' })
      await migrate(own.pool)
      await registerDevices(own.pool, 4)
      const gateway = await startGateway(String(engine.ready['url']))
      const count = 100 * kills
      const publishers = [1, 2, 3, 4].map(
        (number) => new Publisher(`M-${number}`, () => gateway.mqttPort, fromMs),
      )
      const acknowledged = () => publishers.reduce((sum, publisher) => sum + publisher.acknowledged.size, 0)
      const runs = publishers.map((publisher) => publisher.run(count, 5))
      for (let at = 1; at <= kills; at++) {
        await eventually(
          () => expect(acknowledged()).toBeGreaterThan((publishers.length * count * at) / (kills + 1)),
          { timeoutMs: 30_000, intervalMs: 3 },
        )
        await kill(engine)
        engine = await startEmbedded()
      }
      await Promise.all(runs)
      await expectExactlyOnce(own, publishers, fromMs, count)
      // No connection of a device broke: the gateway only waited.
      expect(publishers.map(({ connections }) => connections)).toEqual([1, 1, 1, 1])
      await gateway.stop()
      await own.close()
      await kill(engine)
      await rm(directory, { recursive: true, force: true })
    },
    killTimeoutMs,
  )
})
