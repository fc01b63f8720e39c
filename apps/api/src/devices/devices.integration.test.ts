import { setTimeout as sleep } from 'node:timers/promises'
import {
  bus,
  busUser,
  problemSchema,
  type Device,
  type DeviceDetail,
  type DeviceList,
} from '@gridkeeper/contracts'
import { hashSecret, isSecretOf, loadDevices, migrate } from '@gridkeeper/store'
import { eventually, startTestDatabase, type TestDatabase } from '@gridkeeper/testkit'
import { connectAsync, type MqttClient } from 'mqtt'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashPassword } from '../session/password.ts'
import { seedDistrict } from '../testing/seed-district.ts'
import { adminLogin, basic, startTestApi, type TestApi } from '../testing/start-test-api.ts'
import { startTestBroker, type TestBroker } from '../testing/start-test-broker.ts'

const roles = { leader: 'leader-password', dispatcher: 'dispatcher-password', 'east-admin': 'east-password' }
let database: TestDatabase
let pool: pg.Pool
let broker: TestBroker
let api: TestApi
let gateway: MqttClient
let told = 0

beforeAll(async () => {
  database = await startTestDatabase()
  pool = new pg.Pool({ connectionString: database.url, max: 2 })
  await migrate(pool)
  await seedDistrict(pool, 4)
  for (const [name, password] of Object.entries(roles))
    await pool.query('insert into account (name, password_hash, role, grid_id) values ($1, $2, $3, $4)', [
      name,
      await hashPassword(password),
      name === 'east-admin' ? 'admin' : name,
      name === 'east-admin' ? 2 : null,
    ])
  broker = await startTestBroker()
  gateway = await connectAsync(broker.url, { username: busUser, password: 'bus-secret' })
  gateway.on('message', () => told++)
  await gateway.subscribeAsync(bus.registry)
  api = await startTestApi(database.url, broker.url)
  await eventually(async () =>
    expect(await (await fetch(`${api.url}/readyz`)).json()).toMatchObject({ bus: true }),
  )
})

afterAll(async () => {
  await gateway?.endAsync(true)
  await api?.stop()
  await broker?.stop()
  await pool?.end()
  await database?.stop()
})

type Name = keyof typeof roles | 'admin'
async function ask(method: string, path: string, body?: unknown, as: Name = 'admin') {
  const login = as === 'admin' ? adminLogin : { name: as, password: roles[as] }
  const response = await fetch(api.url + path, {
    method,
    headers: { ...basic(login), 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, text, json: JSON.parse(text) as unknown }
}
async function done<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const { status, text, json } = await ask(method, path, body)
  expect(status, text).toBe(200)
  return json as Answer
}
const stored = async (key: string) => (await loadDevices(pool, [key]))[0]
const detail = (key: string) => done<DeviceDetail>('GET', `/api/devices/${key}`)

describe('the device registry', () => {
  it('makes a login, gives it a secret that is told once, and devices that are via it', async () => {
    expect(await done('PUT', '/api/devices/bridge-1', { protocol: 'zigbee2mqtt' })).toMatchObject({
      key: 'bridge-1',
      protocol: 'zigbee2mqtt',
      state: 'active',
      secret: null,
      assetCode: null,
    })
    const made = await done<{ secret: string }>('POST', '/api/devices/bridge-1/secret')
    expect(made.secret).toHaveLength(24)
    expect(await isSecretOf((await stored('bridge-1'))?.secretHash ?? '', made.secret)).toBe(true)
    await done('PUT', '/api/devices/plug-1', { via: 'bridge-1', assetCode: 'A1' })
    const bridge = await detail('bridge-1')
    expect(bridge).toMatchObject({ secret: 'password', speaksFor: ['plug-1'] })
    expect(JSON.stringify(bridge)).not.toContain(made.secret)
    expect(await detail('plug-1')).toMatchObject({ via: 'bridge-1', assetCode: 'A1', secret: null })
  })

  it('tells the gateways after each change, and after none that changes nothing', async () => {
    // The words of the tests before may still be on their way.
    let before = -1
    while (before !== told) {
      before = told
      await sleep(300)
    }
    await done('PUT', '/api/devices/told', {})
    await done('POST', '/api/devices/told/revoke')
    await done('POST', '/api/devices/told/reinstate')
    await done('POST', '/api/devices/told/secret')
    await done('DELETE', '/api/devices/told/secret')
    await eventually(() => expect(told).toBe(before + 5))
    const changedAtMs = (await detail('told')).changedAtMs
    await done('PUT', '/api/devices/told', { via: null, protocol: 'native' })
    await done('POST', '/api/devices/told/reinstate')
    await done('DELETE', '/api/devices/told/secret')
    expect((await detail('told')).changedAtMs).toBe(changedAtMs)
    expect(told).toBe(before + 5)
  })

  it('writes down who changed what', async () => {
    const { changes } = await detail('told')
    expect(changes.map(({ account, change }) => `${account} ${change}`)).toEqual([
      'admin secret-removed',
      'admin secret-set',
      'admin reinstated',
      'admin revoked',
      'admin created',
    ])
    expect(changes.map(({ atMs }) => atMs)).toEqual(changes.map(({ atMs }) => atMs).toSorted((a, b) => b - a))
  })

  it('takes a given secret or token, and never says it back', async () => {
    await done('PUT', '/api/devices/given', {})
    for (const body of [{ secret: 'hunter22-of-mine' }, { secret: 'A1_TEST_TOKEN_of-mine', token: true }]) {
      const { status, text } = await ask('POST', '/api/devices/given/secret', body)
      expect(status).toBe(200)
      expect(text).not.toContain('of-mine')
      expect(await isSecretOf((await stored('given'))?.secretHash ?? '', body.secret)).toBe(true)
    }
    expect(await detail('given')).toMatchObject({ secret: 'token' })
    await done('PUT', '/api/devices/given-2', {})
    const taken = await ask('POST', '/api/devices/given-2/secret', {
      secret: 'A1_TEST_TOKEN_of-mine',
      token: true,
    })
    expect(taken.status).toBe(409)
    expect(taken.text).not.toContain('of-mine')
    const { secret } = await done<{ secret: string }>('POST', '/api/devices/given-2/secret', { token: true })
    expect(secret.length).toBeGreaterThanOrEqual(16)
  })

  it('revokes and reinstates, with the secret it had', async () => {
    const secretHash = await hashSecret('long enough')
    await pool.query(`insert into device (key, secret_hash) values ('r', $1)`, [secretHash])
    expect(await done<Device>('POST', '/api/devices/r/revoke')).toMatchObject({ state: 'revoked' })
    expect(await stored('r')).toMatchObject({ isRevoked: true })
    expect(await done<Device>('POST', '/api/devices/r/reinstate')).toMatchObject({ state: 'active' })
    expect(await stored('r')).toMatchObject({ isRevoked: false, secretHash })
  })

  it('moves a device to another owner, and unbinds it', async () => {
    await done('PUT', '/api/devices/moved', { assetCode: 'A2' })
    expect(await done('PUT', '/api/devices/moved', { keeperCode: 'K1' })).toMatchObject({
      assetCode: null,
      keeperCode: 'K1',
    })
    expect(await done('PUT', '/api/devices/moved', { protocol: 'owntracks' })).toMatchObject({
      keeperCode: 'K1',
    })
    expect(await done('PUT', '/api/devices/moved', { keeperCode: null })).toMatchObject({ keeperCode: null })
  })

  it('finds by part of the key or of the owner, by state, login, and way in; page by page', async () => {
    const keys = async (query: string) =>
      (await done<DeviceList>('GET', `/api/devices?${query}`)).devices.map(({ key }) => key)
    expect(await keys('search=PLUG')).toEqual(['plug-1'])
    expect(await keys('search=meter%201')).toEqual(['A1', 'plug-1'])
    expect(await keys('via=bridge-1')).toEqual(['plug-1'])
    expect(await keys('owner=asset&canLogIn=false')).toEqual(['A1', 'A2', 'A3', 'A4'])
    const first = await done<DeviceList>('GET', '/api/devices?owner=asset&limit=3')
    expect(first).toMatchObject({ total: 5, next: 'A3' })
    expect(await keys(`owner=asset&limit=3&after=${first.next}`)).toEqual(['A4', 'plug-1'])
  })

  it('shows what a device said of its connection', async () => {
    await pool.query(`insert into device_status values ('A1', true, now())`)
    expect(await detail('A1')).toMatchObject({ online: true, statusAtMs: expect.any(Number) })
  })

  it.each([
    ['PUT', '/api/devices/x', { assetCode: 'none' }, 400],
    ['PUT', '/api/devices/x', { keeperCode: 'none' }, 400],
    ['PUT', '/api/devices/x', { via: 'nobody' }, 400],
    ['PUT', '/api/devices/x', { via: 'x' }, 400],
    ['PUT', '/api/devices/x', { assetCode: 'A1', keeperCode: 'K1' }, 400],
    ['PUT', '/api/devices/x', { secret: 'not here, please' }, 400],
    ['PUT', '/api/devices/a%2Fb', {}, 400],
    ['PUT', '/api/devices/%2B', {}, 400],
    ['POST', '/api/devices/A1/secret', { secret: 'short-1' }, 400],
    ['POST', '/api/devices/A1/secret', { secret: 'too-short-token', token: true }, 400],
    ['POST', '/api/devices/nobody/secret', {}, 404],
    ['POST', '/api/devices/nobody/revoke', {}, 404],
    ['GET', '/api/devices/nobody', undefined, 404],
  ])('refuses %s %s %j', async (method, path, body, status) => {
    const answer = await ask(method, path, body)
    expect(answer.status).toBe(status)
    expect(problemSchema.safeParse(answer.json).success).toBe(true)
    expect(answer.text).not.toMatch(/not here|short-1|too-short-token/)
    expect(await stored('x')).toBeUndefined()
  })
})

describe('who may', () => {
  const changes = [
    ['PUT', '/api/devices/A1', {}],
    ['POST', '/api/devices/A1/secret', {}],
    ['DELETE', '/api/devices/A1/secret', undefined],
    ['POST', '/api/devices/A1/revoke', undefined],
    ['POST', '/api/devices/A1/reinstate', undefined],
    ['POST', '/api/quarantine/adopt', { key: 'A1' }],
    ['POST', '/api/quarantine/discard', { key: 'A1' }],
    ['POST', '/api/dead-letters/rerun', { reason: 'x' }],
  ] as const
  const looks = [
    '/api/devices',
    '/api/devices/A1',
    '/api/quarantine',
    '/api/dead-letters',
    '/api/dead-letters/counts',
    '/api/dead-letters/1',
    '/api/gateways',
  ]

  it.each(['leader', 'dispatcher', 'east-admin'] as const)('change devices: not the %s', async (name) => {
    for (const [method, path, body] of changes)
      expect((await ask(method, path, body, name)).status, path).toBe(403)
  })

  it.each(['leader', 'east-admin'] as const)('look: not the %s', async (name) => {
    for (const path of looks) expect((await ask('GET', path, undefined, name)).status, path).toBe(403)
  })

  it('look: the dispatcher', async () => {
    for (const path of looks.filter((look) => look !== '/api/dead-letters/1'))
      expect((await ask('GET', path, undefined, 'dispatcher')).status, path).toBe(200)
  })
})
