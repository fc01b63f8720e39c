import { once } from 'node:events'
import { connect as connectSocket, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLogger } from '@gridkeeper/service-kit'
import { hashSecret, hashToken, openStore, type Store } from '@gridkeeper/store'
import { eventually, startTestDatabase, type TestDatabase } from '@gridkeeper/testkit'
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt'
import { generate } from 'mqtt-packet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createApp } from '../create-app.ts'
import { busSecret, closeOf, gatewayConfig, send } from '../gateway.trial.ts'
import { Gateway } from '../gateway.ts'

const secret = 'secret of a meter'
const env = {
  MQTT_CONNECT_TIMEOUT_MS: '1500',
  MQTT_MAX_CONNECTIONS: '60',
  DEVICE_RATE: '50',
  DEVICE_BURST: '60',
  STRANGER_CONNECTIONS: '2',
  STRANGER_RATE: '1000',
  BAN_AFTER: '5',
  BAN_WINDOW_MS: '60000',
  BAN_MS: '3000',
  OPEN_REGISTRATION: 'open:*',
  GATEWAY_TRUSTED_PROXIES: '127.0.0.1',
}

describe('front door', () => {
  let database: TestDatabase
  let store: Store
  let app: Awaited<ReturnType<typeof createApp>>
  let gateway: Gateway
  let base: string

  const query = async <Row extends object>(text: string, values: unknown[] = []) =>
    (await store.pool.query<Row>(text, values)).rows
  const connect = (username: string | undefined, password?: string, options: IClientOptions = {}) =>
    connectAsync(
      `mqtt://127.0.0.1:${gateway.mqttPort}`,
      {
        reconnectPeriod: 0,
        connectTimeout: 5_000,
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password }),
        ...options,
      },
      false,
    )
  const raw = async (): Promise<Socket> => {
    const socket = connectSocket(gateway.mqttPort, '127.0.0.1')
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    return socket.resume()
  }
  const closed = (socket: Socket) => (socket.destroyed ? undefined : once(socket, 'close'))
  const refusals = async (reason: string) => {
    const found = new RegExp(`gk_refusals_total{[^}]*reason="${reason}"[^}]*} (\\d+)`).exec(
      await gateway.readMetrics(),
    )
    return Number(found?.[1] ?? 0)
  }
  const readingsOf = async (key: string) =>
    (
      await query<{ p: number }>(
        `select p from reading_meter join device using (asset_id) where key = $1 order by time`,
        [key],
      )
    ).map(({ p }) => p)
  const deadLetters = async (topic: string) =>
    (
      await query<{ reason: string; login: string | null }>(
        'select reason, login from dead_letter where topic = $1 order by id',
        [topic],
      )
    ).map(({ reason, login }) => [reason, login])
  const addMeter = async (key: string, secretHash: string | null, via: string | null = null) => {
    await query(
      `with added as (insert into asset (code, name, kind, lon, lat) values ($1, $1, 'meter', 120, 30) returning id)
       insert into device (key, asset_id, secret_hash, via) select $1, id, $2, $3 from added`,
      [key, secretHash, via],
    )
  }

  beforeAll(async () => {
    database = await startTestDatabase()
    store = await openStore({ url: database.url, applicationName: 'test' })
    app = await createApp(gatewayConfig(database.url, {}, env), createLogger('gateway', 'silent'))
    gateway = app.get(Gateway)
    await gateway.start()
    await app.listen(0, '127.0.0.1')
    base = await app.getUrl()
    const hash = await hashSecret(secret)
    for (let n = 1; n <= 9; n++) await addMeter(`D-${n}`, hash)
    await query(`insert into device (key, secret_hash) values ('box', $1)`, [hash])
    await addMeter('B-1', null, 'box')
    await addMeter('B-2', null, 'box')
    await addMeter('T-1', hashToken('a token of twenty characters'))
    await addMeter('N-1', null)
    await query(
      `with added as (insert into keeper (code, name, post) values ('jane', 'Jane', 'keeper') returning id)
       insert into device (key, keeper_id, via) select 'owntracks:jane:phone', id, 'jane' from added`,
    )
    await query(`insert into device (key, secret_hash) values ('jane', $1)`, [hash])
  })
  afterAll(async () => {
    await gateway?.stop()
    await app?.close()
    await store?.close()
    await database?.stop()
  })

  describe.each([4, 5] as const)('MQTT version %i', (protocolVersion) => {
    const of = (key: string, options: IClientOptions = {}) =>
      connect(key, secret, { protocolVersion, ...options })

    it('takes QoS 0, 1 and 2 of a device under its own key, once', async () => {
      const key = `D-${protocolVersion}`
      const client = await of(key)
      const now = Date.now()
      for (const qos of [1, 2, 0] as const)
        await send(client, key, 'readings', { t: now + qos, v: { p: qos } }, { qos })
      await eventually(async () => expect(await readingsOf(key)).toEqual([0, 1, 2]))
      await client.endAsync()
    })

    it('lets a login speak for those that are via it, and for nobody else', async () => {
      const client = await of('box')
      const t = Date.now() + protocolVersion
      await send(client, 'B-1', 'readings', { t, v: { p: protocolVersion } })
      expect(await readingsOf('B-1')).toContain(protocolVersion)
      const before = await refusals('not-own-key')
      const sent = send(client, 'D-1', 'readings', { t, v: { p: 99 } })
      if (protocolVersion === 5) await expect(sent).rejects.toMatchObject({ code: 0x87 })
      else await sent
      expect(await deadLetters('gk/v1/D-1/readings')).toContainEqual(['not-own-key', 'box'])
      expect(await readingsOf('D-1')).toEqual([])
      expect(await refusals('not-own-key')).toBe(before + 1)
      await client.endAsync()
    })

    it('publishes the last will of a device that is lost', async () => {
      const key = 'D-6'
      await query('delete from device_status where device_key = $1', [key])
      const client = await of(key, {
        will: {
          topic: `gk/v1/${key}/status`,
          payload: Buffer.from('{"online":false}'),
          qos: 1,
          retain: true,
        },
      })
      client.stream.destroy()
      await eventually(async () =>
        expect(await query('select online from device_status where device_key = $1', [key])).toEqual([
          { online: false },
        ]),
      )
    })

    it('lets the newer connection of a device with the same client id go on', async () => {
      const first = await of('D-7', { clientId: 'same' })
      first.on('error', () => undefined)
      const isClosed = closeOf(first)
      const second = await of('D-7', { clientId: 'same' })
      await isClosed
      const other = await of('D-8', { clientId: 'same' })
      await send(second, 'D-7', 'readings', { v: { p: 1 } })
      expect([second.connected, other.connected]).toEqual([true, true])
      await second.endAsync()
      await other.endAsync()
    })

    it('is reached over WebSocket, too, but by no page of another site', async () => {
      const url = `${base.replace('http', 'ws')}/mqtt`
      const client = await connectAsync(
        url,
        { username: 'D-9', password: secret, protocolVersion, reconnectPeriod: 0 },
        false,
      )
      await send(client, 'D-9', 'readings', { t: Date.now(), v: { p: protocolVersion } })
      expect(await readingsOf('D-9')).toContain(protocolVersion)
      await client.endAsync()
      const page = new WebSocket(url, 'mqtt', { origin: 'https://example.org' })
      const [error] = (await once(page, 'error')) as [Error]
      expect(error.message).toContain('403')
    })
  })

  it('knows a device by its token alone', async () => {
    const client = await connect('a token of twenty characters')
    await send(client, 'T-1', 'readings', { v: { p: 5 } })
    expect(await readingsOf('T-1')).toEqual([5])
    await client.endAsync()
  })

  it('acknowledges strangers, keeps what they say for adoption, and ends them when they become known', async () => {
    const client = await connect('stranger', 'whatever it has')
    await send(client, 'stranger', 'readings', { v: { p: 1 } })
    expect(await deadLetters('gk/v1/stranger/readings')).toEqual([['unknown-device', 'stranger']])
    const [row] = await query<{ secret_hash: string }>(
      `select secret_hash from quarantine where key = 'stranger'`,
    )
    expect(row?.secret_hash).toMatch(/^scrypt\$/)
    const isClosed = closeOf(client)
    await addMeter('stranger', row?.secret_hash ?? null)
    await isClosed
    const adopted = await connect('stranger', 'whatever it has')
    await send(adopted, 'stranger', 'readings', { v: { p: 2 } })
    expect(await readingsOf('stranger')).toEqual([2])
    await adopted.endAsync()
  })

  it('lets in few strangers at once, and devices all the same', async () => {
    const strangers = [await connect(undefined), await connect('someone', 'some password')]
    await expect(connect('another', 'some password')).rejects.toMatchObject({ code: 5 })
    const device = await connect('D-1', secret)
    await Promise.all([...strangers, device].map((client) => client.endAsync()))
  })

  it('registers by itself only the keys that the setting opens', async () => {
    const first = await connect('open:1', 'chosen by the device')
    await send(first, 'open:1', 'events', { event: 'hello' })
    expect(await query(`select event from device_event where device_key = 'open:1'`)).toEqual([
      { event: 'hello' },
    ])
    await first.endAsync()
    await expect(connect('open:1', 'another one')).rejects.toMatchObject({ code: 4 })
  })

  it('ends a session within five seconds when its secret is changed or it is revoked, without any word on the bus', async () => {
    const sessions: MqttClient[] = []
    for (const key of ['D-2', 'D-3']) sessions.push(await connect(key, secret, { protocolVersion: 5 }))
    const codes: (number | undefined)[] = []
    for (const session of sessions) session.on('disconnect', ({ reasonCode }) => codes.push(reasonCode))
    const all = Promise.all(sessions.map(closeOf))
    const from = Date.now()
    await query(`update device set secret_hash = $1 where key = 'D-2'`, [await hashSecret('another secret')])
    await query(`update device set state = 'revoked' where key = 'D-3'`)
    await all
    expect(Date.now() - from).toBeLessThan(5_000)
    expect(codes).toEqual([0x98, 0x98])
    await expect(connect('D-3', secret)).rejects.toMatchObject({ code: 5 })
    const rotated = await connect('D-2', 'another secret')
    await rotated.endAsync()
  })

  it('hands the one command there is, to be born again, to the edge node that it is for', async () => {
    const [edgeKey, deviceKey] = ['sparkplug:plant:edge', 'sparkplug:plant:edge:meter']
    await query('insert into device (key, secret_hash) values ($1, $2)', [edgeKey, await hashSecret(secret)])
    await addMeter(deviceKey, null, edgeKey)
    const edge = await connect(edgeKey, secret)
    const commands: string[] = []
    edge.on('message', (topic, payload) =>
      commands.push(`${topic} ${payload.includes('Node Control/Rebirth')}`),
    )
    await edge.subscribeAsync('spBv1.0/plant/NCMD/edge')
    await expect(edge.subscribeAsync('spBv1.0/plant/NCMD/other')).rejects.toThrow()
    // Data of a device whose birth nobody has heard: a payload with the sequence number 1 and nothing else.
    await edge.publishAsync('spBv1.0/plant/DDATA/edge/meter', Buffer.from([0x18, 1]), { qos: 1 })
    await eventually(() => expect(commands).toEqual(['spBv1.0/plant/NCMD/edge true']))
    await edge.endAsync()
  })

  it('does not read for a while who says too much, and loses nothing of it', async () => {
    const [flood, quiet] = [await connect('D-8', secret), await connect('D-9', secret)]
    const from = Date.now()
    const before = await refusals('rate')
    const sent = Promise.all(
      Array.from({ length: 100 }, (_, at) => send(flood, 'D-8', 'readings', { t: from + at, v: { p: at } })),
    )
    await send(quiet, 'D-9', 'events', { event: 'quick' })
    const quietMs = Date.now() - from
    await sent
    expect(Date.now() - from).toBeGreaterThan(600)
    expect(quietMs).toBeLessThan(600)
    expect((await readingsOf('D-8')).length).toBe(100)
    expect(await refusals('rate')).toBeGreaterThan(before)
    await flood.endAsync()
    await quiet.endAsync()
  })

  it('closes who connects and says nothing, or a byte now and then', async () => {
    const [mute, slow] = [await raw(), await raw()]
    const connectPacket = generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clientId: 'slow',
      keepalive: 0,
    })
    const drip = setInterval(() => slow.write(connectPacket.subarray(0, 1)), 200)
    slow.write(connectPacket.subarray(0, 5))
    await Promise.all([closed(mute), closed(slow)])
    clearInterval(drip)
    expect(await refusals('connect-timeout')).toBeGreaterThanOrEqual(1)
  })

  it('closes who sends more than a login may have, and what is no MQTT', async () => {
    const large = await raw()
    large.write(
      generate({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clientId: 'x'.repeat(5_000),
        keepalive: 0,
      }),
    )
    const browser = await raw()
    browser.write('GET / HTTP/1.1\r\n\r\n')
    await Promise.all([closed(large), closed(browser)])
    expect(await refusals('pre-login-bytes')).toBe(1)
  })

  it('takes no connection over the limit, and is there again when others have gone', async () => {
    const sockets = await Promise.all(Array.from({ length: 70 }, raw))
    await eventually(async () => expect(await refusals('too-many-connections')).toBeGreaterThanOrEqual(10))
    for (const socket of sockets) socket.destroy()
    await eventually(async () => (await connect('D-1', secret)).endAsync())
  })

  describe('over HTTP', () => {
    const basic = (name: string, password: string) => ({
      authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
    })
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
    const post = async (path: string, content: unknown, headers: Record<string, string> = {}) => {
      const answer = await fetch(`${base}${path}`, {
        method: 'POST',
        headers: { 'x-forwarded-for': '203.0.113.1', ...headers },
        body: JSON.stringify(content),
      })
      return answer.status
    }
    const reading = { v: { p: 1 } }

    it.each([
      ['a device with its secret', 'D-4', basic('D-4', secret), 200],
      ['a secret alone, of the device in the path', 'D-4', bearer(secret), 200],
      ['a token that is a login', 'T-1', bearer('a token of twenty characters'), 200],
      ['a login for a device that is via it', 'B-2', basic('box', secret), 200],
      ['a login for a device that is not', 'D-4', basic('box', secret), 403],
      ['a device that was revoked', 'D-3', basic('D-3', secret), 403],
      ['nobody', 'D-4', {}, 401],
      ['nobody, for a device that may have no secret', 'N-1', {}, 401],
      ['somebody unknown', 'who', basic('who', 'some password'), 401],
      ['a wrong secret', 'D-4', basic('D-4', 'wrong'), 401],
    ])('answers %s', async (_who, key, headers, status) => {
      expect(await post(`/ingest/v1/${key}/readings`, reading, headers as Record<string, string>)).toBe(
        status,
      )
    })

    it('keeps what strangers post for adoption', async () => {
      expect(await query(`select login from quarantine where key in ('who', 'N-1') order by key`)).toEqual([
        { login: '' },
        { login: 'who' },
      ])
    })

    it('lets phones say their secret in the address, and forgets it', async () => {
      await query(
        `with added as (insert into keeper (code, name, post) values ('joe', 'Joe', 'keeper') returning id)
         insert into device (key, keeper_id, secret_hash) select 'osmand:77', id, $1 from added`,
        [await hashSecret(secret)],
      )
      const ask = (query: string) => fetch(`${base}/osmand?${query}&secret=${encodeURIComponent(secret)}`)
      expect((await ask('id=77&lat=30&lon=120')).status).toBe(200)
      expect((await ask('id=77&lat=300&lon=120')).status).toBe(400)
      const [letter] = await query<{ bytes: Buffer }>(`select bytes from dead_letter where topic = '/osmand'`)
      expect(letter?.bytes.toString()).toBe('id=77&lat=300&lon=120')
    })

    it('hears the phone of a user who logs in', async () => {
      const location = { _type: 'location', lat: 30, lon: 120, tst: Math.floor(Date.now() / 1000) }
      const path = '/owntracks?u=jane&d=phone'
      expect(await post(path, location, basic('jane', secret))).toBe(200)
      expect(await post('/owntracks?u=joe&d=phone', location, basic('jane', secret))).not.toBe(200)
    })

    it('tells who posts too much when to come again', async () => {
      const answers = await Promise.all(
        Array.from({ length: 80 }, () => post('/ingest/v1/D-5/events', { event: 'x' }, basic('D-5', secret))),
      )
      expect(new Set(answers)).toEqual(new Set([200, 429]))
    })

    it('bans an address behind the proxy, and not the proxy', async () => {
      const from = { 'x-forwarded-for': '198.51.100.9' }
      const guesses = await Promise.all(
        Array.from({ length: 5 }, (_, n) =>
          post('/ingest/v1/D-4/readings', reading, { ...basic('D-4', `${n}`), ...from }),
        ),
      )
      expect(guesses).toEqual([401, 401, 401, 401, 401])
      expect(await post('/ingest/v1/D-4/readings', reading, { ...basic('D-4', secret), ...from })).toBe(403)
      expect(await post('/ingest/v1/D-4/readings', reading, basic('D-4', secret))).toBe(200)
    })
  })

  it('answers wrong secrets later each time, the bus included, then bans the address for a while', async () => {
    const took: number[] = []
    const codes: unknown[] = []
    for (const name of ['D-1', 'gk-bus', 'D-1']) {
      const from = Date.now()
      codes.push(await connect(name, 'wrong').catch((error: { code: unknown }) => error.code))
      took.push(Date.now() - from)
    }
    expect(codes).toEqual([4, 4, 4])
    expect(took[2]).toBeGreaterThan(took[0]! + 100)
    await Promise.all([1, 2].map(() => connect('D-1', 'wrong').catch(() => undefined)))
    const before = await refusals('banned')
    const refused = await raw()
    await closed(refused)
    expect(await refusals('banned')).toBe(before + 1)
    await sleep(3_000)
    await (await connect('D-1', secret)).endAsync()
    await (await connect('gk-bus', busSecret)).endAsync()
  })
})
