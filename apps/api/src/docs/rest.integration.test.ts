import { problemSchema, type Catalogue, type LoadCurve, type Series, type Track } from '@gridkeeper/contracts'
import { migrate } from '@gridkeeper/store'
import { startTestDatabase, type TestDatabase } from '@gridkeeper/testkit'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashPassword } from '../session/password.ts'
import { seedDistrict } from '../testing/seed-district.ts'
import { basic, startTestApi, type TestApi } from '../testing/start-test-api.ts'
import { startTestBroker, type TestBroker } from '../testing/start-test-broker.ts'
import type { Route } from './list-routes.ts'

const hour = 3_600_000
const head = { name: 'east-head', password: 'east-password' }
let database: TestDatabase
let pool: pg.Pool
let broker: TestBroker
let api: TestApi

beforeAll(async () => {
  database = await startTestDatabase()
  pool = new pg.Pool({ connectionString: database.url, max: 2 })
  await migrate(pool)
  await seedDistrict(pool, 4)
  await pool.query(
    `insert into asset (code, name, kind, lon, lat, grid_id) values ('T1', 'T', 'transformer', 120.5, 30.5, 2)`,
  )
  await pool.query(
    `insert into reading_meter (asset_id, time, message_id, received_at, p, flags)
     select 1, now() - n * interval '30 seconds', n, now(), 1 + n % 3, 0 from generate_series(1, 5000) n`,
  )
  await pool.query(
    `insert into reading_transformer (asset_id, time, message_id, received_at, p, flags)
     select 5, now() - n * interval '5 minutes', n, now(), 100, 0 from generate_series(0, 100) n`,
  )
  await pool.query(
    `insert into fix (keeper_id, time, message_id, received_at, lon, lat, accuracy_m, flags)
     select 1, now() - n * interval '10 seconds', n, now(), 120.5, 30.5, 5, 0 from generate_series(1, 5001) n`,
  )
  await pool.query(`insert into asset_state values (1, now(), now(), 1, '{"p": 2, "ua": 250}', 0),
    (5, now(), now(), 1, '{"p": 100}', 0)`)
  await pool.query(`insert into keeper_state (keeper_id, time, received_at, message_id, lon, lat, flags)
    values (1, now(), now(), 1, 120.5, 30.5, 0)`)
  await pool.query(`insert into alarm (asset_id, rule, severity, metric, value, raised_at) values
    (1, 'over-voltage', 'warning', 'ua', 250, now()), (2, 'over-voltage', 'warning', 'ua', 250, now())`)
  await pool.query(`insert into dead_letter (received_at, source, topic, reason, size, bytes)
    values (now(), 'mqtt', 'gk/v1/X/readings', 'unknown-device', 2, '{}')`)
  await pool.query(
    `insert into quarantine values ('X', '', null, 'native', 'mqtt', null, 'gk/v1/X/readings', '{}', 1, now(), now())`,
  )
  broker = await startTestBroker()
  api = await startTestApi(database.url, broker.url)
  await pool.query(`insert into account (name, password_hash, role, grid_id) values ($1, $2, 'head', 2)`, [
    head.name,
    await hashPassword(head.password),
  ])
})

afterAll(async () => {
  await api?.stop()
  await broker?.stop()
  await pool?.end()
  await database?.stop()
})

async function read<Answer>(path: string): Promise<Answer> {
  const response = await api.fetch(path)
  expect(response.status, path).toBe(200)
  return (await response.json()) as Answer
}
const asHead = (path: string) => fetch(api.url + path, { headers: basic(head) })

interface Document {
  paths: Record<
    string,
    Record<string, { operationId?: string; parameters: { name: string; required: boolean }[] }>
  >
}

describe('the REST side', () => {
  it('has every route in its document, described', async () => {
    const { paths } = (await (await fetch(`${api.url}/api/docs-json`)).json()) as Document
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => ({
        path,
        method,
        isDescribed: operationId !== undefined,
      })),
    )
    const served = api.routes().map(({ path, method }: Route) => ({ path, method, isDescribed: true }))
    expect(described).toEqual(expect.arrayContaining(served))
    expect(described).toHaveLength(served.length)
    expect(served.length).toBeGreaterThan(15)
  })

  it('shows the document on a page that needs nothing from elsewhere', async () => {
    const page = await (await fetch(`${api.url}/api/docs`)).text()
    expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
    const script = /src="([^"]*bundle\.js)"/.exec(page)?.[1] ?? ''
    expect((await fetch(new URL(script, `${api.url}/api/docs/`))).status).toBe(200)
  })

  it('answers every reading route as its schema says', async () => {
    const values: Record<string, string> = { purpose: 'a test' }
    const routes = api.routes().filter(({ method, path }) => method === 'get' && path !== '/metrics')
    for (const { path, description } of routes) {
      const query = Object.keys(description?.query?.shape ?? {}).filter((name) => name in values)
      const search = new URLSearchParams(Object.fromEntries(query.map((name) => [name, values[name] ?? ''])))
      const answer = await read(`${path.replace('{id}', '1').replace('{key}', 'A1')}?${search}`)
      expect(description?.answer?.safeParse(answer).error, path).toBeUndefined()
    }
  })

  it('answers every problem as a Problem', async () => {
    const cases: [string, number][] = [
      ['/api/assets/999', 404],
      ['/api/assets/x', 400],
      ['/api/nowhere', 404],
      ['/api/assets?grid=99', 404],
      ['/api/assets/1/series?from=2&to=1', 400],
      [`/api/assets/1/series?from=0&to=${Date.now()}`, 400],
      ['/api/assets/1/series?metrics=nonsense', 400],
      ['/api/keepers/1/track', 400],
      ['/api/load?hours=0', 400],
    ]
    for (const [path, status] of cases) {
      const response = await api.fetch(path)
      expect(response.status, path).toBe(status)
      expect(problemSchema.safeParse(await response.json()).success, path).toBe(true)
    }
  })

  it('reads a series from the raw rows while they are few, and from a rollup when they are many', async () => {
    const now = Date.now()
    const few = await read<Series>(`/api/assets/1/series?from=${now - 6 * hour}&to=${now}&metrics=p`)
    expect(few).toMatchObject({ source: 'raw' })
    expect(few.timesMs.length).toBeGreaterThan(700)
    const many = await read<Series>(`/api/assets/1/series?from=${now - 24 * hour}&to=${now}&metrics=p`)
    expect(many).toMatchObject({ source: '1m' })
    expect(many.timesMs.length).toBeLessThanOrEqual(2_000)
    expect(many.timesMs).toEqual(many.timesMs.toSorted((a, b) => a - b))
    const { values, min, max } = many.metrics['p']!
    expect(values).toHaveLength(many.timesMs.length)
    values.forEach((value, i) => expect(value).toSatisfy((v: number) => v >= min![i]! && v <= max![i]!))
    const all = await read<Series>(`/api/assets/1/series?from=${now - 3_000 * 24 * hour}&to=${now}`)
    expect(all).toMatchObject({ source: '1d' })
    const total = all.metrics['p']!.values.length
    expect(total).toBeLessThanOrEqual(3)
    expect(Object.keys(all.metrics)).toContain('kwh')
  })

  it('reads a month from the rollup if its rows are many, and from the raw rows if they are few', async () => {
    const now = Date.now()
    const month = `from=${now - 30 * 24 * hour}&to=${now}`
    const many = await read<Series>(`/api/assets/1/series?${month}&metrics=p`)
    expect(many).toMatchObject({ source: '1h' })
    expect(many.timesMs.every((ms) => ms % hour === 0)).toBe(true)
    const few = await read<Series>(`/api/assets/5/series?${month}&metrics=p`)
    expect(few).toMatchObject({ source: 'raw' })
    expect(few.timesMs.length).toBeGreaterThan(99)
    // A metric that no row has says nothing of how many rows there are.
    expect(await read<Series>(`/api/assets/1/series?${month}&metrics=ua`)).toMatchObject({ source: '1h' })
  })

  it('knows nothing of the far future', async () => {
    const far = await read<Series>('/api/assets/1/series?from=8639999000000000&to=8640000000000000')
    expect(far).toMatchObject({ source: 'raw', timesMs: [] })
  })

  it('adds up the load without the running quarter of an hour', async () => {
    const { bucketMs, timesMs, loadKw } = await read<LoadCurve>('/api/load?hours=6')
    expect(timesMs).toHaveLength(24)
    expect(timesMs.at(-1)! + bucketMs).toBeLessThanOrEqual(Date.now())
    expect(loadKw).toEqual(new Array(24).fill(100))
    expect((await read<LoadCurve>('/api/load?hours=6&grid=3')).loadKw).toEqual(new Array(24).fill(null))
  })

  it('logs each look at a track, with its purpose', async () => {
    const now = Date.now()
    const range = `from=${now - 24 * hour}&to=${now}`
    const track = await read<Track>(`/api/keepers/1/track?${range}&purpose=${encodeURIComponent('核查巡查')}`)
    expect(track.total).toBe(5_001)
    expect(track.timesMs.length).toBeLessThanOrEqual(2_000)
    expect(track.timesMs).toEqual(track.timesMs.toSorted((a, b) => a - b))
    const { rows } = await pool.query(
      'select account, keeper_id, purpose from track_access where purpose = $1',
      ['核查巡查'],
    )
    expect(rows).toEqual([{ account: 'admin', keeper_id: 1, purpose: '核查巡查' }])
  })

  it('shows an account only what is under its grid', async () => {
    const catalogue = (await (await asHead('/api/catalogue')).json()) as Catalogue
    expect(catalogue.grids.map(({ code }) => code)).toEqual(['E'])
    expect(catalogue.assets.map(({ code }) => code)).toEqual(['A1', 'A3', 'T1'])
    for (const path of [
      '/api/assets/2',
      '/api/keepers/2/track?purpose=test',
      '/api/overview?grid=1',
      '/api/assets/2/series',
    ])
      expect((await asHead(path)).status, path).toBe(404)
    const { alarms } = (await (await asHead('/api/alarms?open=true')).json()) as {
      alarms: { assetId: number }[]
    }
    expect(alarms.map(({ assetId }) => assetId)).toEqual([1])
    expect((await asHead('/api/overview')).status).toBe(200)
  })

  it('sends the catalogue once: unchanged, it answers 304', async () => {
    const first = await api.fetch('/api/catalogue')
    const etag = first.headers.get('etag') ?? ''
    expect(first.headers.get('content-encoding')).toBe('gzip')
    expect((await api.fetch('/api/catalogue', { headers: { 'if-none-match': etag } })).status).toBe(304)
  })
})

describe('the session', () => {
  const login = (password: string, name = 'admin') =>
    fetch(`${api.url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, password }),
    })

  it('is a cookie that scripts cannot read, and ends with logout', async () => {
    const response = await login('correct horse')
    expect(response.status).toBe(200)
    const cookie = response.headers.getSetCookie()[0] ?? ''
    expect(cookie).toMatch(/^gk_session=.*HttpOnly; SameSite=Strict$/)
    const headers = { cookie: cookie.split(';')[0] ?? '' }
    expect(await (await fetch(`${api.url}/api/session`, { headers })).json()).toEqual({
      name: 'admin',
      role: 'admin',
      gridId: null,
    })
    const out = await fetch(`${api.url}/api/session`, { method: 'DELETE', headers })
    expect(out.status).toBe(204)
    expect(out.headers.getSetCookie()[0]).toMatch(/^gk_session=;/)
  })

  it('refuses a cookie that was changed, and a request from another origin', async () => {
    const cookie = ((await login('correct horse')).headers.getSetCookie()[0] ?? '').split(';')[0] ?? ''
    const [body = '', mac = ''] = cookie.replace('gk_session=', '').split('.')
    const claim = JSON.parse(Buffer.from(body, 'base64url').toString()) as object
    const forged = Buffer.from(JSON.stringify({ ...claim, account: 2 })).toString('base64url')
    for (const value of [`${forged}.${mac}`, `${body}.`, 'x'])
      expect(
        (await fetch(`${api.url}/api/grids`, { headers: { cookie: `gk_session=${value}` } })).status,
      ).toBe(401)
    const headers = { cookie, origin: 'http://127.0.0.1:1' }
    expect((await fetch(`${api.url}/api/session`, { method: 'DELETE', headers })).status).toBe(403)
  })

  it('lets nobody in without a login', async () => {
    for (const { path, method } of api.routes()) {
      if (!path.startsWith('/api') || path === '/api/session') continue
      expect(
        (await fetch(api.url + path.replace('{id}', '1').replace('{key}', 'A1'), { method })).status,
        path,
      ).toBe(401)
    }
  })

  it('makes guessing slow: after five wrong attempts one has to wait', async () => {
    for (let i = 0; i < 5; i++) expect((await login('wrong', 'nobody')).status).toBe(401)
    const response = await login('wrong', 'nobody')
    expect(response.status).toBe(429)
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
  })
})
