import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { alarmMessageSchema, bus, decodeFrame, type Alarm, type GatewayStatus } from '@gridkeeper/contracts'
import type { Logger } from '@gridkeeper/service-kit'
import { migrate, openStore, type Store } from '@gridkeeper/store'
import { eventually, startTestDatabase, type TestDatabase } from '@gridkeeper/testkit'
import { Aedes } from 'aedes'
import type { MqttClient } from 'mqtt'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startDatabaseProxy, type DatabaseProxy } from '../database-proxy.trial.ts'
import type { Gateway } from '../gateway.ts'
import { connect, registerDevices, send } from '../gateway.trial.ts'
import { makeTarget } from './broker-target.ts'
import { startExternalGateway } from './external.trial.ts'
import { MqttConnection } from './mqtt-connection.ts'
import { mosquittoProgram, startMosquitto, type Mosquitto } from './mosquitto.trial.ts'

const gauge = async (gateway: Gateway, line: RegExp) =>
  Number(line.exec(await gateway.readMetrics())?.[1] ?? NaN)
const inFlight = (gateway: Gateway, lane: string) =>
  gauge(gateway, new RegExp(`gk_external_in_flight\\{lane="${lane}",?[^}]*\\} (\\d+)`))

describe.skipIf(mosquittoProgram === undefined)(
  'the gateway as a client of Mosquitto (skipped where Mosquitto is not installed)',
  () => {
    let database: TestDatabase
    let proxy: DatabaseProxy
    let store: Store
    let broker: Mosquitto
    let device: MqttClient
    const gateways: Gateway[] = []
    let nextDevice = 1
    const fresh = () => `M-${nextDevice++}`
    const startMs = Date.now() - 3_600_000

    const start = async (
      ...args: Parameters<typeof startExternalGateway> extends [string, string, ...infer Rest] ? Rest : never
    ) => {
      const gateway = await startExternalGateway(proxy.url, broker.url, ...args)
      gateways.push(gateway)
      return gateway
    }
    const countOf = async (key: string) => {
      const { rows } = await store.pool.query<{ n: number }>(
        'select count(*)::int as n from reading_meter r join device d using (asset_id) where d.key = $1',
        [key],
      )
      return rows[0]?.n
    }
    const sendMany = (key: string, from: number, to: number) =>
      Promise.all(
        Array.from({ length: to - from }, (_, at) =>
          send(device, key, 'readings', { t: startMs + from + at, v: { p: (from + at) % 1000 } }),
        ),
      )

    beforeAll(async () => {
      database = await startTestDatabase()
      proxy = await startDatabaseProxy(database.url)
      store = await openStore({ url: database.url, applicationName: 'test' })
      await migrate(store.pool)
      await registerDevices(store.pool, 60)
    })
    afterAll(async () => {
      await store?.close()
      await proxy?.close()
      await database?.stop()
    })
    beforeEach(async () => {
      broker = await startMosquitto()
      device = await connect(broker.port, { protocolVersion: 5 })
    })
    afterEach(async () => {
      await Promise.all(gateways.splice(0).map((gateway) => gateway.stop()))
      device.end(true)
      await broker.remove()
    })

    /** Takes a session away from its gateway, and sees what the broker thinks is unacknowledged. */
    const seize = async (clientId: string) => {
      const seen: { topic: string; dup: boolean }[] = []
      const connection = await MqttConnection.open({
        target: makeTarget(broker.url, { caFile: null, certFile: null, keyFile: null }),
        clientId,
        username: null,
        password: null,
        clean: false,
        sessionExpirySeconds: 3_600,
        receiveMaximum: 10_000,
        onPublish: ({ topic, dup }) => void seen.push({ topic, dup }),
        onEnd: () => undefined,
      })
      return { seen, close: () => connection.close() }
    }

    it('has hundreds of messages in flight before any commit, acknowledges none of them before, and stores each once', async () => {
      const key = fresh()
      const gateway = await start('one')
      const release = proxy.hold()
      await sendMany(key, 0, 600)
      await eventually(async () => expect(await inFlight(gateway, 'readings')).toBe(600))
      const thief = await seize('one-readings')
      await eventually(() => expect(thief.seen.filter(({ dup }) => dup)).toHaveLength(600))
      // The gateway takes its session back, and gets all of it a second time.
      await eventually(async () => expect(await inFlight(gateway, 'readings')).toBe(1_200))
      release()
      await eventually(async () => expect(await inFlight(gateway, 'readings')).toBe(0))
      const last = await seize('one-readings')
      await sleep(300)
      expect(last.seen).toEqual([])
      await last.close()
      expect(await countOf(key)).toBe(600)
    })

    it('takes up after a restart what came while it was away, and after a restart of the broker', async () => {
      const key = fresh()
      const first = await start('two')
      await sendMany(key, 0, 10)
      await first.stop()
      gateways.length = 0
      await sendMany(key, 10, 50)
      const second = await start('two')
      await eventually(async () => expect(await countOf(key)).toBe(50))
      await broker.halt()
      await eventually(async () => expect(await second.findProblem()).toMatch(/^broker mqtt:/))
      await broker.restart()
      device.end(true)
      device = await connect(broker.port, { protocolVersion: 5 })
      // Until then Mosquitto drops what comes: it does not keep shared subscriptions over a restart.
      await eventually(async () => expect(await second.findProblem()).toBeNull(), { timeoutMs: 20_000 })
      await sendMany(key, 50, 60)
      await eventually(async () => expect(await countOf(key)).toBe(60))
    })

    it('alone and unshared, loses nothing that comes between a restart of Mosquitto and its own return', async () => {
      const key = fresh()
      const gateway = await start('alone', { isShared: false })
      await sendMany(key, 0, 10)
      await eventually(async () => expect(await countOf(key)).toBe(10))
      await gateway.stop()
      gateways.length = 0
      await broker.halt()
      await broker.restart()
      device.end(true)
      device = await connect(broker.port, { protocolVersion: 5 })
      await sendMany(key, 10, 50)
      await start('alone', { isShared: false })
      await eventually(async () => expect(await countOf(key)).toBe(50))
    })

    it('lets a poisoned message pass as a dead letter, and goes on', async () => {
      const key = fresh()
      await start('three')
      await device.publishAsync(`gk/v1/${key}/readings`, '{"t":', { qos: 1 })
      await sendMany(key, 0, 3)
      await eventually(async () => expect(await countOf(key)).toBe(3))
      const { rows } = await store.pool.query('select reason from dead_letter where topic = $1', [
        `gk/v1/${key}/readings`,
      ])
      expect(rows).toEqual([{ reason: 'undecodable' }])
    })

    it('holds back readings without holding back events', async () => {
      const key = fresh()
      const gateway = await start('four', { receiveMaximum: 20 })
      const release = proxy.hold()
      await sendMany(key, 0, 200)
      await eventually(async () => expect(await inFlight(gateway, 'readings')).toBe(20))
      await send(device, key, 'events', { t: Date.now(), event: 'open' })
      await eventually(async () => expect(await inFlight(gateway, 'events')).toBe(1))
      release()
      await eventually(async () => expect(await countOf(key)).toBe(200))
    })

    it('tells the bus what was committed and keeps its status there, until its will says that it is gone', async () => {
      const key = fresh()
      const gateway = await start('five')
      await sendMany(key, 0, 1)
      const reader = await connect(broker.port, { protocolVersion: 5 })
      const statuses: GatewayStatus[] = []
      let frames = 0
      reader.on('message', (topic, payload) => {
        if (topic.startsWith('gk/bus/status/')) statuses.push(JSON.parse(payload.toString()) as GatewayStatus)
        if (topic.startsWith('gk/bus/frames/')) frames += decodeFrame(payload).assets.length
      })
      await reader.subscribeAsync(bus.all, { qos: 1 })
      await eventually(() => expect(statuses.map(({ online }) => online)).toEqual([true]))
      await sendMany(key, 1, 2)
      await eventually(() => expect(frames).toBe(1))
      await gateway.stop()
      gateways.length = 0
      await eventually(() => expect(statuses.at(-1)?.online).toBe(false))
      reader.end(true)
    })

    it('shares the load between two gateways, which raise an alarm once and clear it once, and agree on what is newest', async () => {
      const keys = Array.from({ length: 8 }, fresh)
      const both = [await start('six'), await start('seven')]
      const reader = await connect(broker.port, { protocolVersion: 5 })
      const told: Alarm[] = []
      reader.on('message', (_, payload) =>
        told.push(...(alarmMessageSchema.parse(JSON.parse(payload.toString())).alarms as Alarm[])),
      )
      await reader.subscribeAsync(bus.allAlarms, { qos: 1 })
      const sayAll = (from: number, to: number, ua: number) =>
        Promise.all(
          keys.flatMap((key) =>
            Array.from({ length: to - from }, (_, at) =>
              send(device, key, 'readings', { t: startMs + from + at, v: { ua } }),
            ),
          ),
        )
      await sayAll(0, 50, 260)
      await eventually(async () => {
        for (const key of keys) expect(await countOf(key)).toBe(50)
      })
      await sayAll(50, 100, 220)
      await eventually(async () => {
        for (const key of keys) expect(await countOf(key)).toBe(100)
      })
      const { rows: alarms } = await store.pool.query<{ key: string; raised: number; open: number }>(
        `select device.key, count(*)::int as raised, (count(*) filter (where cleared_at is null))::int as open
         from alarm join device using (asset_id) where device.key = any($1) group by 1`,
        [keys],
      )
      expect(alarms).toHaveLength(keys.length)
      for (const alarm of alarms) expect(alarm).toMatchObject({ raised: 1, open: 0 })
      await eventually(() => {
        expect(told.filter(({ clearedAtMs }) => clearedAtMs === null)).toHaveLength(keys.length)
        expect(told.filter(({ clearedAtMs }) => clearedAtMs !== null)).toHaveLength(keys.length)
      })
      const { rows: states } = await store.pool.query<{ ms: number; ua: number }>(
        `select (extract(epoch from time) * 1000)::double precision as ms, (values ->> 'ua')::float8 as ua
         from asset_state join device using (asset_id) where device.key = any($1)`,
        [keys],
      )
      expect(states).toEqual(keys.map(() => ({ ms: startMs + 99, ua: 220 })))
      for (const gateway of both)
        expect(await gauge(gateway, /gk_messages_total\S* (\d+)/)).toBeGreaterThan(100)
      reader.end(true)
    })

    it('takes over the session of a gateway that stays away, and leaves it to its owner if that comes back', async () => {
      const key = fresh()
      const brief = { takeOverAfterSeconds: 1 }
      const gone = await start('eight', brief)
      await start('nine', brief)
      await gone.stop()
      gateways.splice(0, 1)
      // The broker goes on giving half of all to the one that is away.
      await sendMany(key, 0, 100)
      await eventually(async () => expect(await countOf(key)).toBe(100), { timeoutMs: 20_000 })
      await sleep(4_000)
      const back = await start('eight', brief)
      await sendMany(key, 100, 200)
      await eventually(async () => expect(await countOf(key)).toBe(200))
      expect(await gauge(back, /gk_messages_total\S* (\d+)/)).toBeGreaterThan(10)
    })

    it('waits for a broker that is away at the start, and says so', async () => {
      await broker.halt()
      const gateway = await start('ten')
      expect(await gateway.findProblem()).toMatch(/^broker mqtt:.*ECONNREFUSED/)
      await broker.restart()
      await eventually(async () => expect(await gateway.findProblem()).toBeNull(), { timeoutMs: 20_000 })
    })

    it('prints what it found, and what a Mosquitto may lose', async () => {
      const lines: string[] = []
      const keep = (_: unknown, line: string) => void lines.push(line)
      const logger = { info: keep, warn: keep, error: keep, debug: keep } as unknown as Logger
      gateways.push(await startExternalGateway(database.url, broker.url, 'eleven', {}, logger))
      await eventually(() =>
        expect(lines.join('')).toMatch(/mosquitto version 2\.\d+\.\d+; session new, kept 24 h/),
      )
      expect(lines.join('')).toMatch(/autosave_interval/)
    })
  },
)

describe('the gateway as a client of a broker without MQTT 5', () => {
  it('refuses to start, with a clear message', async () => {
    const aedes = await Aedes.createBroker()
    const server = createServer((socket) => void aedes.handle(socket)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const database = await startTestDatabase()
    await expect(startExternalGateway(database.url, `mqtt://127.0.0.1:${port}`, 'old')).rejects.toThrow(
      /MQTT_URL mqtt:.*MQTT 3\.1\.1 only; MQTT 5 is needed/,
    )
    await database.stop()
    await new Promise<void>((resolve) => aedes.close(() => resolve()))
    server.close()
  })
})
