import type {
  Adopted,
  DeadLetterDetail,
  DeadLetterList,
  GatewayList,
  Quarantine,
} from '@gridkeeper/contracts'
import { hashSecret, isSecretOf, loadDevices, migrate, takeRerunnable } from '@gridkeeper/store'
import { eventually, startTestDatabase, type TestDatabase } from '@gridkeeper/testkit'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seedDistrict } from '../testing/seed-district.ts'
import { startTestApi, type TestApi } from '../testing/start-test-api.ts'
import { startTestBroker, type TestBroker } from '../testing/start-test-broker.ts'

let database: TestDatabase
let pool: pg.Pool
let broker: TestBroker
let api: TestApi

beforeAll(async () => {
  database = await startTestDatabase()
  pool = new pg.Pool({ connectionString: database.url, max: 2 })
  await migrate(pool)
  await seedDistrict(pool, 4)
  broker = await startTestBroker()
  api = await startTestApi(database.url, broker.url)
})

afterAll(async () => {
  await api?.stop()
  await broker?.stop()
  await pool?.end()
  await database?.stop()
})

async function ask<Answer>(path: string, body?: unknown, status = 200): Promise<Answer> {
  const response = await api.fetch(path, {
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  })
  const text = await response.text()
  expect(response.status, text).toBe(status)
  return JSON.parse(text) as Answer
}
const hear = async (key: string, login: string, secret: string | null) =>
  pool.query(
    `insert into quarantine values ($1, $2, $3, 'native', 'mqtt', '10.0.0.9:4000', 'gk/v1/' || $1 || '/readings', '{"v":{"p":1}}', 7, now(), now())`,
    [key, login, secret === null ? null : await hashSecret(secret)],
  )

describe('the quarantine', () => {
  it('shows who speaks unknown, without what it presented', async () => {
    await hear('meter-9', 'meter-9', 'its own secret')
    const found = await ask<Quarantine>('/api/quarantine')
    expect(found).toMatchObject({
      total: 1,
      messages: 7,
      strangers: [
        { key: 'meter-9', hasSecret: true, sample: '{"v":{"p":1}}', topic: 'gk/v1/meter-9/readings' },
      ],
    })
    expect(JSON.stringify(found)).not.toContain('scrypt')
  })

  it('adopts: bound to the asset, with the secret it has', async () => {
    const adopted = await ask<Adopted>('/api/quarantine/adopt', {
      key: 'meter-9',
      login: 'meter-9',
      assetCode: 'A1',
      keeperCode: null,
    })
    expect(adopted).toMatchObject({
      login: 'meter-9',
      secret: null,
      device: { key: 'meter-9', assetCode: 'A1' },
    })
    const [device] = await loadDevices(pool, ['meter-9'])
    expect(await isSecretOf(device?.secretHash ?? '', 'its own secret')).toBe(true)
    expect((await ask<Quarantine>('/api/quarantine')).total).toBe(0)
  })

  it('tells a new secret, once, where none was presented', async () => {
    await hear('meter-10', '', null)
    const adopted = await ask<Adopted>('/api/quarantine/adopt', { key: 'meter-10', assetCode: 'A2' })
    expect(adopted.login).toBe('meter-10')
    const [device] = await loadDevices(pool, ['meter-10'])
    expect(await isSecretOf(device?.secretHash ?? '', adopted.secret ?? '')).toBe(true)
  })

  it('refuses with a reason, and discards', async () => {
    await hear('meter-11', 'meter-11', 'its own secret')
    await ask('/api/quarantine/adopt', { key: 'meter-12', assetCode: 'A1' }, 404)
    await ask('/api/quarantine/adopt', { key: 'meter-11', login: 'meter-11', assetCode: 'none' }, 400)
    await ask(
      '/api/quarantine/adopt',
      { key: 'meter-11', login: 'meter-11', assetCode: 'A1', keeperCode: 'K1' },
      400,
    )
    expect(await ask('/api/quarantine/discard', { key: 'meter-11' })).toEqual({ discarded: 1 })
    expect(await ask('/api/quarantine/discard', { key: 'meter-11' })).toEqual({ discarded: 0 })
  })
})

describe('dead letters', () => {
  beforeAll(() =>
    pool.query(
      `insert into dead_letter (received_at, source, topic, client, reason, detail, size, bytes, login)
       select now() - n * interval '1 second', 'mqtt', 'gk/v1/M' || n || '/readings', 'c', 'unknown-device', 'M' || n,
         case n when 3 then 9000 else 2 end, '{}', null from generate_series(1, 5) n`,
    ),
  )

  it('are found page by page, and read with their bytes', async () => {
    const first = await ask<DeadLetterList>('/api/dead-letters?reason=unknown-device&limit=3')
    expect(first.deadLetters.map(({ detail }) => detail)).toEqual(['M1', 'M2', 'M3'])
    const second = await ask<DeadLetterList>(`/api/dead-letters?limit=3&after=${first.next}`)
    expect(second).toMatchObject({ deadLetters: [{ detail: 'M4' }, { detail: 'M5' }], next: null })
    expect((await ask<DeadLetterList>('/api/dead-letters?text=m4')).deadLetters).toHaveLength(1)
    const [{ id } = { id: 0 }] = first.deadLetters
    expect(await ask<DeadLetterDetail>(`/api/dead-letters/${id}`)).toMatchObject({
      text: '{}',
      base64: 'e30=',
    })
    await ask('/api/dead-letters/999999', undefined, 404)
    await ask('/api/dead-letters?after=x', undefined, 400)
  })

  it('are counted by reason', async () => {
    expect(await ask('/api/dead-letters/counts')).toMatchObject({
      total: 5,
      reasons: [{ reason: 'unknown-device', count: 5, rerunnable: 4 }],
    })
  })

  it('are run again by what they have in common, but not all by an empty request', async () => {
    await ask('/api/dead-letters/rerun', {}, 400)
    expect(await ask('/api/dead-letters/rerun', { text: 'M4' })).toEqual({ requested: 1, left: 0 })
    expect(await ask('/api/dead-letters/rerun', { reason: 'unknown-device' })).toEqual({
      requested: 3,
      left: 0,
    })
    expect((await takeRerunnable(pool, 10)).map(({ topic }) => topic)).toEqual(
      [5, 4, 2, 1].map((n) => `gk/v1/M${n}/readings`),
    )
  })
})

describe('gateways', () => {
  it('are listed with what they said last', async () => {
    const status = { gatewayId: 'g1', online: true, taking: true, shedding: 'fixes' as const, atMs: 1 }
    await broker.publishStatus(status)
    await eventually(async () =>
      expect(await ask<GatewayList>('/api/gateways')).toEqual({ bus: true, gateways: [status] }),
    )
  })
})
