import { maxPayloadBytes } from '@gridkeeper/contracts'
import { createLogger } from '@gridkeeper/service-kit'
import { openStore, type Store } from '@gridkeeper/store'
import { startTestDatabase, type TestDatabase } from '@gridkeeper/testkit'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../create-app.ts'
import { connect, gatewayConfig, registerDevices, testLogin } from '../gateway.trial.ts'
import { Gateway } from '../gateway.ts'

const asTest = {
  authorization: `Basic ${Buffer.from(`${testLogin.username}:${testLogin.password}`).toString('base64')}`,
}
const now = Date.now()
const seconds = Math.floor(now / 1000)

describe('HTTP ingest', () => {
  let database: TestDatabase
  let store: Store
  let app: Awaited<ReturnType<typeof createApp>>
  let base: string

  const query = async <Row extends object>(text: string, values: unknown[] = []) =>
    (await store.pool.query<Row>(text, values)).rows
  const post = (path: string, content: unknown, headers: Record<string, string> = {}) =>
    fetch(`${base}${path}`, {
      method: 'POST',
      headers: { ...asTest, ...headers },
      body: typeof content === 'string' ? content : JSON.stringify(content),
    })
  const fixesOf = (key: string) =>
    query<{ lon: number; lat: number; speed_mps: number | null; battery_pct: number | null }>(
      'select lon, lat, speed_mps, battery_pct from fix join device using (keeper_id) where key = $1 order by time',
      [key],
    )
  const deadLetters = async (topic: string) =>
    (
      await query<{ reason: string; source: string }>(
        'select reason, source from dead_letter where topic = $1 order by id',
        [topic],
      )
    ).map(({ reason, source }) => `${source} ${reason}`)

  beforeAll(async () => {
    database = await startTestDatabase()
    store = await openStore({ url: database.url, applicationName: 'test' })
    app = await createApp(gatewayConfig(database.url), createLogger('gateway', 'silent'))
    await app.get(Gateway).start()
    await app.listen(0, '127.0.0.1')
    base = await app.getUrl()
    await registerDevices(store.pool, 9)
    await query(`update device set key = 'osmand:123456' where key = 'K-1'`)
    await query(`update device set key = 'owntracks:jane:phone' where key = 'K-2'`)
  })
  afterAll(async () => {
    await app?.get(Gateway).stop()
    await app?.close()
    await store?.close()
    await database?.stop()
  })

  it('answers 200 only after the commit, and takes the same message once', async () => {
    const holder = await store.pool.connect()
    let isAnswered = false
    try {
      await holder.query('begin')
      await holder.query('lock table reading_meter in access exclusive mode')
      const sent = post('/ingest/v1/M-1/readings', { t: now, v: { p: 1.5 } }).then((answer) => {
        isAnswered = true
        return answer
      })
      await sleep(300)
      expect(isAnswered).toBe(false)
      await holder.query('commit')
      const answer = await sent
      expect([answer.status, await answer.json()]).toEqual([200, { taken: 1 }])
    } finally {
      holder.release()
    }
    await post('/ingest/v1/M-1/readings', { t: now, v: { p: 1.5 } })
    expect(await query('select p from reading_meter')).toEqual([{ p: 1.5 }])
  })

  it('takes fixes and events', async () => {
    expect((await post('/ingest/v1/K-3/fixes', [{ t: now, lon: 120, lat: 30 }])).status).toBe(200)
    expect((await post('/ingest/v1/M-1/events', { t: now, event: 'trip' })).status).toBe(200)
    expect(await fixesOf('K-3')).toMatchObject([{ lon: 120, lat: 30 }])
    expect(await query('select event from device_event')).toEqual([{ event: 'trip' }])
  })

  it('tells what it refuses, keeps it as a dead letter, and commits the good items beside it', async () => {
    const answer = await post('/ingest/v1/M-2/readings', [{ t: now, v: { p: 1 } }, { v: { p: 'x' } }])
    expect(answer.status).toBe(400)
    expect(await answer.json()).toEqual({
      code: 'bad-request',
      message: expect.stringContaining('1 refused, 1 taken'),
      details: ['wrong-type: p: expected number, got string'],
    })
    expect(await deadLetters('gk/v1/M-2/readings')).toEqual(['http wrong-type'])
    expect((await post('/ingest/v1/nobody/readings', { v: {} })).status).toBe(400)
    expect(await deadLetters('gk/v1/nobody/readings')).toEqual(['http unknown-device'])
    expect((await post('/ingest/v1/M-2/readings', '')).status).toBe(400)
    expect((await post('/ingest/v1/M%202/readings', { v: {} })).status).toBe(400)
  })

  it('answers 413 to what is too large, and does not even read what is far too large', async () => {
    expect((await post('/ingest/v1/M-3/readings', ' '.repeat(maxPayloadBytes + 1))).status).toBe(413)
    expect(await deadLetters('gk/v1/M-3/readings')).toEqual(['http too-large'])
    const answer = await post('/ingest/v1/M-4/readings', ' '.repeat(1024 * 1024 + 1))
    expect([answer.status, await answer.json()]).toMatchObject([413, { code: 'too-large' }])
    expect(await deadLetters('gk/v1/M-4/readings')).toEqual([])
  })

  it('knows no other channel, and no pages of a browser', async () => {
    expect((await post('/ingest/v1/M-1/status', { online: true })).status).toBe(404)
    expect((await post('/ingest/v1/M-1/readings', { v: {} }, { origin: 'https://example.org' })).status).toBe(
      403,
    )
  })

  it('speaks OsmAnd: query, form, and the JSON of Traccar Client', async () => {
    const said = `id=123456&lat=30&lon=120&speed=36&batt=80&timestamp=${seconds}`
    expect((await fetch(`${base}/osmand?${said}`, { headers: asTest })).status).toBe(200)
    expect((await post(`/osmand?${said}`, '')).status).toBe(200)
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await post('/osmand', said.replace('lat=30', 'lat=31'), form)).status).toBe(200)
    const location = {
      timestamp: new Date((seconds + 1) * 1000).toISOString(),
      coords: { latitude: 32, longitude: 120, speed: 2, heading: -1, accuracy: 5 },
      battery: { level: 0.5 },
    }
    const json = { 'content-type': 'application/json' }
    expect((await post('/osmand', { device_id: '123456', location }, json)).status).toBe(200)
    const fixes = await fixesOf('osmand:123456')
    expect(fixes.map(({ lat }) => lat).sort()).toEqual([30, 31, 32])
    expect(fixes.at(-1)).toEqual({ lon: 120, lat: 32, speed_mps: 2, battery_pct: 50 })
    expect(fixes[0]?.speed_mps).toBeCloseTo(18.52, 3)
    expect((await fetch(`${base}/osmand?${said.replace('123456', '7')}`, { headers: asTest })).status).toBe(
      400,
    )
  })

  it('speaks the HTTP mode of OwnTracks, whichever way the phone is named', async () => {
    const location = {
      _type: 'location',
      lat: 30,
      lon: 120,
      tst: seconds,
      tid: 'ne',
      topic: 'owntracks/jane/phone',
    }
    for (const [path, headers] of [
      ['/owntracks', {}],
      ['/owntracks?u=jane&d=phone', {}],
      ['/owntracks', { 'x-limit-u': 'jane', 'x-limit-d': 'phone' }],
    ] as const) {
      const answer = await post(path, location, headers)
      expect([answer.status, await answer.text()]).toEqual([200, '[]'])
    }
    expect(await fixesOf('owntracks:jane:phone')).toHaveLength(1)
    expect(await query(`select online from device_status where device_key = 'owntracks:jane:phone'`)).toEqual(
      [{ online: true }],
    )
  })

  it('takes over MQTT what other protocols say on their own topics, a retained copy once', async () => {
    await query(`update device set key = 'owntracks:joe:phone' where key = 'K-4'`)
    await query(`update device set key = 'zigbee2mqtt:hall.201' where key = 'M-6'`)
    const client = await connect(app.get(Gateway).mqttPort)
    const location = JSON.stringify({ _type: 'location', lat: 30, lon: 120, tst: seconds })
    for (const retain of [false, true])
      await client.publishAsync('owntracks/joe/phone', location, { qos: 1, retain })
    await client.publishAsync('zigbee2mqtt/hall 1', JSON.stringify({ voltage: 230, leakage_current: 7 }), {
      qos: 1,
    })
    await client.endAsync()
    expect(await fixesOf('owntracks:joe:phone')).toHaveLength(1)
    expect(
      await query(
        `select r.ua, r.extra from reading_meter r join device using (asset_id) where key = 'zigbee2mqtt:hall.201'`,
      ),
    ).toEqual([{ ua: 230, extra: { residual: 7 } }])
  })

  it('answers 503 when it stops, and stores nothing', async () => {
    await app.get(Gateway).stop()
    const answer = await post('/ingest/v1/M-5/readings', { v: { p: 1 } })
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await answer.json()).toMatchObject({ code: 'not-ready' })
  })
})
