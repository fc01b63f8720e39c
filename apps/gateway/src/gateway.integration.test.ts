import { setTimeout as sleep } from 'node:timers/promises'
import { alarmMessageSchema, bus, decodeFrame, type Alarm, type Frame } from '@gridkeeper/contracts'
import { openStore, type Store } from '@gridkeeper/store'
import { eventually, startTestDatabase, type TestDatabase } from '@gridkeeper/testkit'
import type { MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closeOf, connect, connectToBus, registerDevices, send, startGateway } from './gateway.trial.ts'
import type { Gateway } from './gateway.ts'

const deviceCount = 60
const day = 86_400_000

describe('gateway', () => {
  let database: TestDatabase
  let store: Store
  let gateway: Gateway
  let device: MqttClient
  let nextDevice = 1

  /** The number of devices that no other test uses. */
  const fresh = () => {
    if (nextDevice > deviceCount) throw new Error('register more devices')
    return nextDevice++
  }
  const query = async <Row extends object>(text: string, values: unknown[] = []) =>
    (await store.pool.query<Row>(text, values)).rows
  const assetId = async (key: string) =>
    (await query<{ asset_id: number }>('select asset_id from device where key = $1', [key]))[0]?.asset_id
  const readingsOf = async (key: string, table = 'reading_meter') =>
    query<{ ms: number; received: number; flags: number; claimed_ms: number | null; p: number | null }>(
      `select (extract(epoch from time) * 1000)::double precision as ms, (extract(epoch from received_at) * 1000)::double precision as received,
         flags, claimed_ms, ${table === 'reading_meter' ? 'p' : 'null as p'} from ${table} where asset_id = $1 order by time`,
      [await assetId(key)],
    )
  const presentOf = async (key: string) =>
    (
      await query<{ ms: number; values: Record<string, unknown> }>(
        `select (extract(epoch from time) * 1000)::double precision as ms, values from asset_state where asset_id = $1`,
        [await assetId(key)],
      )
    )[0]
  const deadLettersOf = (topic: string) =>
    query<{
      reason: string
      detail: string | null
      size: number
      bytes: Buffer
      client: string | null
      source: string
    }>('select reason, detail, size, bytes, client, source from dead_letter where topic = $1 order by id', [
      topic,
    ])

  beforeAll(async () => {
    database = await startTestDatabase()
    store = await openStore({ url: database.url, applicationName: 'test' })
    gateway = await startGateway(database.url)
    await registerDevices(store.pool, deviceCount)
    device = await connect(gateway.mqttPort, { clientId: 'the-device' })
  })
  afterAll(async () => {
    await device?.endAsync()
    await gateway?.stop()
    await store?.close()
    await database?.stop()
  })

  describe('acknowledged means committed', () => {
    it('sends no PUBACK while the transaction is held up, and the row is there when it comes', async () => {
      const key = `M-${fresh()}`
      await send(device, key, 'readings', { v: { p: 0 } })
      const holder = await store.pool.connect()
      let isAcknowledged = false
      try {
        // On the embedded engine any open transaction has the only turn; on a server the lock holds the writer.
        await holder.query('begin')
        await holder.query('lock table reading_meter in access exclusive mode')
        const sent = send(device, key, 'readings', { t: Date.now(), v: { p: 1 } }).then(
          () => (isAcknowledged = true),
        )
        await sleep(400)
        expect(isAcknowledged).toBe(false)
        await holder.query('commit')
        await sent
        expect(await readingsOf(key)).toHaveLength(2)
      } finally {
        holder.release()
      }
    })

    it('stores each of 2,000 messages of 20 clients once', async () => {
      const keys = Array.from({ length: 20 }, () => `M-${fresh()}`)
      const now = Date.now()
      await Promise.all(
        keys.map(async (key) => {
          const client = await connect(gateway.mqttPort)
          await Promise.all(
            Array.from({ length: 100 }, (_, at) =>
              send(client, key, 'readings', { t: now + at, v: { p: at } }),
            ),
          )
          await client.endAsync()
        }),
      )
      for (const key of keys)
        expect((await readingsOf(key)).map(({ ms, p }) => [ms, p])).toEqual(
          Array.from({ length: 100 }, (_, at) => [now + at, at]),
        )
    })

    it('stores a message once that is sent again, alone or within an array', async () => {
      const key = `M-${fresh()}`
      const message = { t: Date.now(), v: { p: 1 } }
      await send(device, key, 'readings', message)
      await send(device, key, 'readings', message, { dup: true })
      await send(device, key, 'readings', { v: { p: 1 }, t: message.t })
      await send(device, key, 'readings', [
        message,
        message,
        { ...message, id: 7 },
        { ...message, id: 7, v: { p: 9 } },
      ])
      expect(await readingsOf(key)).toHaveLength(2)
    })

    it('takes fixes, events and the last will of a device', async () => {
      const number = fresh()
      const now = Date.now()
      await send(device, `K-${number}`, 'fixes', [
        { t: now, lon: 120.1, lat: 30.2, acc: 5 },
        { t: now + 1, lon: 120.2, lat: 30.2 },
      ])
      await send(device, `M-${number}`, 'events', { t: now, event: 'trip', data: { cause: 'residual' } })
      const mortal = await connect(gateway.mqttPort, {
        will: {
          topic: `gk/v1/M-${number}/status`,
          payload: Buffer.from('{"online":false}'),
          qos: 1,
          retain: true,
        },
      })
      await send(mortal, `M-${number}`, 'status', { online: true })
      mortal.stream.destroy()
      await eventually(async () =>
        expect(
          await query('select online from device_status where device_key = $1', [`M-${number}`]),
        ).toEqual([{ online: false }]),
      )
      expect(
        await query('select lon from keeper_state k join device d using (keeper_id) where key = $1', [
          `K-${number}`,
        ]),
      ).toEqual([{ lon: 120.2 }])
      expect(
        await query('select event, data from device_event where device_key = $1', [`M-${number}`]),
      ).toEqual([{ event: 'trip', data: { cause: 'residual' } }])
    })

    it('knows a device that was registered a moment ago', async () => {
      await query(
        `with added as (insert into asset (code, name, kind, lon, lat) values ('NEW-1', 'new', 'meter', 1, 2) returning id)
         insert into device (key, asset_id, via) select 'NEW-1', id, 'test' from added`,
      )
      await send(device, 'NEW-1', 'readings', { v: { p: 1 } })
      expect(await readingsOf('NEW-1')).toHaveLength(1)
    })
  })

  describe('bad input is a value', () => {
    const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`
    const bad: [what: string, topic: string, payload: string | Buffer, reason: string][] = [
      ['a device that nobody registered', 'gk/v1/NOBODY/readings', '{"v":{"p":1}}', 'unknown-device'],
      ['bytes that are not JSON', 'gk/v1/M-1/readings', 'p=1', 'undecodable'],
      ['bytes that are not UTF-8', 'gk/v1/M-1/events', Buffer.from([0xff, 0xfe, 0x22]), 'undecodable'],
      ['nothing at all', 'gk/v1/M-1/status', '', 'undecodable'],
      ['more than 64 KiB', 'gk/v1/M-2/events', Buffer.alloc(70_000, 0x20), 'too-large'],
      [
        'more than 64 KiB of a device that nobody registered',
        'gk/v1/NOBODY/events',
        Buffer.alloc(500_000, 0x20),
        'too-large',
      ],
      [
        'more than 2,000 items',
        'gk/v1/M-2/readings',
        JSON.stringify(new Array(2_001).fill(0)),
        'too-many-items',
      ],
      ['a text for a number', 'gk/v1/M-3/readings', '{"v":{"p":"1"}}', 'wrong-type'],
      ['a place that is none', 'gk/v1/K-1/fixes', '{"lon":181,"lat":0}', 'wrong-type'],
      ['a reading of a keeper', 'gk/v1/K-2/readings', '{"v":{}}', 'wrong-channel'],
      ['a topic that is none of ours', 'some/where', '{}', 'unknown-topic'],
      ['a key that is none', 'gk/v1/a b/readings', '{}', 'unknown-topic'],
      ['brackets without end', 'gk/v1/M-4/readings', `{"v":{"x":${deep(20_000)}}}`, 'undecodable'],
      ['a list of brackets without end', 'gk/v1/M-4/events', deep(30_000), 'undecodable'],
    ]
    it.each(bad)(
      'acknowledges %s, and keeps one dead letter of it',
      async (_what, topic, payload, reason) => {
        await device.publishAsync(topic, payload, { qos: 1 })
        const letters = await deadLettersOf(topic)
        const bytes = Buffer.from(payload)
        expect(letters).toEqual([
          {
            reason,
            detail: expect.any(String),
            size: bytes.length,
            bytes: bytes.subarray(0, 4096),
            client: 'the-device',
            source: 'mqtt',
          },
        ])
      },
    )

    it('takes the good items of an array and keeps each bad one by itself', async () => {
      const key = `M-${fresh()}`
      const now = Date.now()
      await send(device, key, 'readings', [
        { t: now, v: { p: 1 } },
        7,
        { t: now + 1, v: { p: true } },
        { t: now + 2, v: { p: 2 } },
      ])
      expect((await readingsOf(key)).map(({ p }) => p)).toEqual([1, 2])
      const letters = await deadLettersOf(`gk/v1/${key}/readings`)
      expect(letters.map(({ reason, bytes }) => [reason, bytes.toString()])).toEqual([
        ['wrong-type', '7'],
        ['wrong-type', JSON.stringify({ t: now + 1, v: { p: true } })],
      ])
    })

    it('keeps a row that the database refuses as a dead letter, and stores the rest of its batch', async () => {
      const number = fresh()
      const now = Date.now()
      const good = Array.from({ length: 40 }, (_, at) =>
        send(device, `M-${number}`, 'readings', { t: now + at, v: { p: at } }),
      )
      const poison = `{"t":${now},"event":"x","data":{"a":"\\ud800"}}`
      await Promise.all([
        ...good,
        send(device, `M-${number}`, 'events', poison),
        send(device, `M-${number}`, 'events', { t: now, event: 'y' }),
      ])
      expect(await readingsOf(`M-${number}`)).toHaveLength(40)
      expect(await query('select event from device_event where device_key = $1', [`M-${number}`])).toEqual([
        { event: 'y' },
      ])
      const letters = await deadLettersOf(`gk/v1/M-${number}/events`)
      expect(letters).toMatchObject([{ reason: 'refused-by-database' }])
    })

    it('loses no good item of an array in which the database refuses another', async () => {
      const key = `M-${fresh()}`
      const now = Date.now()
      const items = Array.from({ length: 9 }, (_, at) => ({
        t: now + at,
        v: { p: at, ...(at === 4 ? { note: '\ud800' } : {}) },
      }))
      await send(device, key, 'readings', items)
      expect((await readingsOf(key)).map(({ p }) => p)).toEqual([0, 1, 2, 3, 5, 6, 7, 8])
      const letters = await deadLettersOf(`gk/v1/${key}/readings`)
      expect(letters.map(({ reason, bytes }) => [reason, JSON.parse(bytes.toString())])).toEqual([
        ['refused-by-database', items[4]],
      ])
    })

    it('ends a connection that announces more than it will read, and lives on', async () => {
      const greedy = await connect(gateway.mqttPort)
      const closed = closeOf(greedy)
      greedy.on('error', () => undefined)
      // A PUBLISH that announces 200 MiB.
      greedy.stream.write(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x64, 0, 1]))
      await closed
      await send(device, `M-${fresh()}`, 'readings', { v: {} })
    })
  })

  describe('clocks (a claim before 2000 or over ten minutes ahead is not believed)', () => {
    it('puts a message from 1901 at its arrival, flagged and with its claim, once', async () => {
      const key = `M-${fresh()}`
      const claimed = Date.UTC(1901, 11, 13)
      const from = Date.now()
      await send(device, key, 'readings', { t: claimed, v: { p: 1 } })
      await sleep(5)
      await send(device, key, 'readings', { t: claimed, v: { p: 1 } })
      const rows = await readingsOf(key)
      expect(rows).toMatchObject([{ flags: 2, claimed_ms: claimed }])
      expect(rows[0]?.ms).toBe(rows[0]?.received)
      expect(rows[0]?.ms).toBeGreaterThanOrEqual(from)
    })

    it('does not raise an alarm again because a message with an absurd clock comes again', async () => {
      const key = `C-${fresh()}`
      const open = { t: 1, id: 1, v: { open: true } }
      await send(device, key, 'readings', open)
      await send(device, key, 'readings', { t: 2, id: 2, v: { open: false } })
      await send(device, key, 'readings', open)
      const alarms = await query<{ cleared_at: Date | null }>(
        'select cleared_at from alarm where asset_id = $1',
        [await assetId(key)],
      )
      expect(alarms).toEqual([{ cleared_at: expect.any(Date) }])
      expect((await presentOf(key))?.values).toEqual({ open: false })
    })

    it('believes nine minutes ahead, and not eleven', async () => {
      const key = `M-${fresh()}`
      const now = Date.now()
      await send(device, key, 'readings', { t: now + 9 * 60_000, v: { p: 1 } })
      await send(device, key, 'readings', { t: now + 11 * 60_000, v: { p: 2 } })
      const rows = await readingsOf(key)
      expect(rows.map(({ p, claimed_ms }) => [p, claimed_ms])).toEqual([
        [2, now + 11 * 60_000],
        [1, null],
      ])
    })

    it('keeps a message of 29 days ago at its own time, and leaves the present where it is', async () => {
      const key = `M-${fresh()}`
      const now = Date.now()
      await send(device, key, 'readings', { t: now, v: { p: 1 } })
      await send(device, key, 'readings', { t: now - 29 * day, v: { p: 2 } })
      expect((await readingsOf(key)).map(({ ms, flags }) => [ms, flags])).toEqual([
        [now - 29 * day, 0],
        [now, 0],
      ])
      expect(await presentOf(key)).toMatchObject({ ms: now, values: { p: 1 } })
    })

    it('makes no present of a message of 31 days ago', async () => {
      const key = `M-${fresh()}`
      await send(device, key, 'readings', { t: Date.now() - 31 * day, v: { p: 2 } })
      expect(await readingsOf(key)).toMatchObject([{ flags: 8 }])
      expect(await presentOf(key)).toBeUndefined()
    })
  })

  describe('alarms and frames', () => {
    const listen = async () => {
      const client = await connectToBus(gateway.mqttPort)
      const frames: Frame[] = []
      const alarms: Alarm[] = []
      const sequences: number[] = []
      client.on('message', (topic, payload) => {
        if (topic.startsWith('gk/bus/frames/')) frames.push(decodeFrame(payload))
        if (!topic.startsWith('gk/bus/alarms/')) return
        const message = alarmMessageSchema.parse(JSON.parse(payload.toString()))
        sequences.push(message.sequence)
        alarms.push(...message.alarms)
      })
      await client.subscribeAsync(bus.all)
      return { client, frames, alarms, sequences }
    }

    it('raises an alarm from a reading and clears it from another, and tells both', async () => {
      const key = `M-${fresh()}`
      const { client, alarms, frames, sequences } = await listen()
      const now = Date.now()
      await send(device, key, 'readings', { t: now, v: { ua: 250 } })
      await send(device, key, 'readings', { t: now + 1, v: { ua: 240 } })
      await send(device, key, 'readings', { t: now + 2, v: { ua: 230 } })
      const id = await assetId(key)
      await eventually(() =>
        expect(frames.flatMap(({ assets }) => assets).filter((asset) => asset.id === id)).toHaveLength(3),
      )
      expect(
        frames
          .flatMap(({ assets }) => assets)
          .filter((asset) => asset.id === id)
          .map(({ state }) => state),
      ).toEqual([2, 2, 0])
      const own = alarms.filter((alarm) => alarm.assetId === id)
      expect(own).toMatchObject([
        {
          rule: 'over-voltage',
          severity: 'warning',
          metric: 'ua',
          value: 250,
          raisedAtMs: now,
          clearedAtMs: null,
        },
        { raisedAtMs: now, clearedAtMs: now + 2 },
      ])
      expect(own[0]?.id).toBe(own[1]?.id)
      expect(sequences.every((sequence, at) => at === 0 || sequence === sequences[at - 1]! + 1)).toBe(true)
      await client.endAsync()
    })

    it('keeps the history of an alarm that began and ended within one message', async () => {
      const key = `M-${fresh()}`
      const now = Date.now()
      const values = [250, 230, 251, 230, 252]
      await send(
        device,
        key,
        'readings',
        values.map((ua, at) => ({ t: now + at, v: { ua } })),
      )
      const rows = () =>
        assetId(key).then((id) =>
          query<{ value: number; is_open: boolean }>(
            'select value, cleared_at is null as is_open from alarm where asset_id = $1 order by id',
            [id],
          ),
        )
      expect(await rows()).toEqual([
        { value: 250, is_open: false },
        { value: 251, is_open: false },
        { value: 252, is_open: true },
      ])
      await send(device, key, 'readings', { t: now + 9, v: { ua: 230 } })
      expect((await rows()).map(({ is_open }) => is_open)).toEqual([false, false, false])
    })

    it('numbers its frames without gaps, each telling what is committed already', async () => {
      const keys = [`M-${fresh()}`, `M-${fresh()}`]
      const { client, frames } = await listen()
      const now = Date.now()
      const lags: Promise<number>[] = []
      const lagOf = async ({ assets: [first] }: Frame) => {
        const [row] = await query<{ ms: number }>(
          'select (extract(epoch from time) * 1000)::double precision as ms from asset_state where asset_id = $1',
          [first?.id],
        )
        return (first?.timeMs ?? Infinity) - (row?.ms ?? -Infinity)
      }
      client.on('message', (topic, payload) => {
        if (topic.startsWith('gk/bus/frames/')) lags.push(lagOf(decodeFrame(payload)))
      })
      for (let at = 0; at < 30; at++)
        await Promise.all(keys.map((key) => send(device, key, 'readings', { t: now + at, v: { p: at } })))
      await eventually(() => expect(frames.at(-1)?.assets.at(-1)?.timeMs).toBe(now + 29))
      const sequences = frames.map(({ sequence }) => sequence)
      expect(sequences).toEqual(sequences.map((_, at) => sequences[0]! + at))
      expect(Math.max(...(await Promise.all(lags)))).toBeLessThanOrEqual(0)
      await client.endAsync()
    })

    it('tells nothing of a message that changes nothing', async () => {
      const key = `M-${fresh()}`
      const message = { t: Date.now(), v: { p: 1 } }
      await send(device, key, 'readings', message)
      const { client, frames } = await listen()
      await send(device, key, 'readings', message)
      await send(device, key, 'readings', { ...message, t: message.t - 1 })
      await sleep(50)
      expect(frames).toEqual([])
      await client.endAsync()
    })
  })

  describe('who may do what at the broker', () => {
    it('lets no device publish on the bus', async () => {
      const client = await connect(gateway.mqttPort)
      const closed = closeOf(client)
      client.on('error', () => undefined)
      client.publish(bus.registry, '{}', { qos: 1 })
      await closed
    })

    it.each([bus.all, '#', 'gk/v1/+/readings', 'gk/v1/M-1/readings', '$SYS/#', '+/bus/#'])(
      'lets no device subscribe to %s',
      async (topic) => {
        const client = await connect(gateway.mqttPort)
        await expect(client.subscribeAsync(topic)).rejects.toThrow()
        await client.endAsync()
      },
    )

    it('lets even the bus user read nothing but the bus', async () => {
      const client = await connectToBus(gateway.mqttPort)
      await expect(client.subscribeAsync('gk/v1/#')).rejects.toThrow()
      await client.endAsync()
    })

    it('refuses the bus user with another secret, or none', async () => {
      await expect(connectToBus(gateway.mqttPort, { password: 'wrong' })).rejects.toMatchObject({ code: 4 })
      await expect(connect(gateway.mqttPort, { username: 'gk-bus' })).rejects.toMatchObject({ code: 4 })
    })

    it('lets no device end a connection of ours by taking its name', async () => {
      const ours = await connectToBus(gateway.mqttPort, { clientId: 'api-1' })
      const device = await connect(gateway.mqttPort, { clientId: 'api-1' })
      await sleep(50)
      expect([ours.connected, device.connected]).toEqual([true, true])
      await ours.endAsync()
      await device.endAsync()
    })

    it('retains nothing that a device publishes, and tells its own state to whoever comes later', async () => {
      await send(device, `M-${fresh()}`, 'readings', { v: {} }, { retain: true })
      const client = await connectToBus(gateway.mqttPort)
      const retained: string[] = []
      client.on('message', (topic, _payload, packet) => {
        if (packet.retain) retained.push(topic)
      })
      await client.subscribeAsync(bus.all)
      await eventually(() => expect(retained).toEqual([expect.stringMatching(/^gk\/bus\/status\//)]))
      await client.endAsync()
    })

    it('reads the registry again when the bus says so', async () => {
      const key = `M-${fresh()}`
      await send(device, key, 'readings', { v: { p: 1 } })
      await query('update device set key = $1 where key = $2', [`${key}-moved`, key])
      const client = await connectToBus(gateway.mqttPort)
      await client.publishAsync(bus.registry, '{}', { qos: 1 })
      await eventually(async () => {
        await send(device, key, 'readings', { v: { p: 2 } })
        expect(await deadLettersOf(`gk/v1/${key}/readings`)).not.toEqual([])
      })
      await client.endAsync()
    })
  })
})
