import { startTestDatabase, type TestDatabase } from '@gridkeeper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { adoptStranger, type Adoption } from './adopt-stranger.ts'
import { appendBatch } from './append-batch.ts'
import type { StrangerRow } from './batch.ts'
import { listDeviceChanges } from './device-changes.ts'
import { setDeviceState } from './device-admin.ts'
import { registerLogin } from './device-logins.ts'
import { loadDevices } from './device-registry.ts'
import { hashToken } from './device-secrets.ts'
import { migrate } from './migrate.ts'
import { openStore, type Store } from './pool.ts'
import { countStrangers, discardStranger, listStrangers } from './quarantine.ts'
import { baseMs, batch } from './rows.trial.ts'

let database: TestDatabase
let store: Store

beforeAll(async () => {
  database = await startTestDatabase()
  store = await openStore({ url: database.url, applicationName: 'test' })
  await migrate(store.pool)
  await store.pool.query(
    `insert into asset (code, name, kind, lon, lat) select 'A' || n, 'a', 'meter', 120, 30 from generate_series(1, 9) n`,
  )
  await store.pool.query(`insert into keeper (code, name, post) values ('K1', 'k', 'p')`)
})
afterAll(async () => {
  await store?.close()
  await database?.stop()
})

const stranger = (row: Partial<StrangerRow> & { key: string }): StrangerRow => ({
  login: row.key,
  secretHash: 'scrypt$presented',
  protocol: 'native',
  source: 'mqtt',
  address: '10.0.0.9:4000',
  topic: `gk/v1/${row.key}/readings`,
  sample: Buffer.from('{"t":1}'),
  heardAtMs: baseMs,
  ...row,
})
const hear = (...rows: (Partial<StrangerRow> & { key: string })[]) =>
  appendBatch(store.pool, store.appendPath, batch({ strangers: rows.map(stranger) }))
const adopt = (key: string, adoption: Partial<Adoption> = {}) =>
  adoptStranger(store.pool, 'ann', { key, login: key, spareHash: 'scrypt$spare', ...adoption })
const device = async (key: string) => (await loadDevices(store.pool, [key]))[0]
const isWaiting = async (key: string) =>
  (await listStrangers(store.pool, 1_000)).some((row) => row.key === key)

describe('adopting a stranger', () => {
  it('lets who speaks under its own name go on with the secret it presented', async () => {
    await hear({ key: 'own', protocol: 'tasmota' })
    expect(await adopt('own', { assetCode: 'A1' })).toMatchObject({
      ok: true,
      login: 'own',
      isSpareUsed: false,
      device: { key: 'own', assetCode: 'A1', protocol: 'tasmota', secret: 'password', via: null },
    })
    expect(await device('own')).toMatchObject({ secretHash: 'scrypt$presented', via: null, isRevoked: false })
    expect(await isWaiting('own')).toBe(false)
  })

  it('makes a login of who speaks for another name, once for all it speaks for', async () => {
    await hear({ key: 'plug-1', login: 'bridge' }, { key: 'plug-2', login: 'bridge' })
    expect(await adopt('plug-1', { login: 'bridge', assetCode: 'A2' })).toMatchObject({
      ok: true,
      login: 'bridge',
      device: { assetCode: 'A2', via: 'bridge', secret: null },
    })
    expect(await device('bridge')).toMatchObject({
      secretHash: 'scrypt$presented',
      asset: null,
      keeperId: null,
    })
    // It is known by now: it presents nothing that anybody would have to remember.
    await hear({ key: 'plug-2', login: 'bridge', secretHash: null })
    expect(await adopt('plug-2', { login: 'bridge', assetCode: 'A3' })).toMatchObject({
      ok: true,
      isSpareUsed: false,
    })
    expect((await device('bridge'))?.secretHash).toBe('scrypt$presented')
    expect((await listDeviceChanges(store.pool, 'bridge', 9)).map(({ change }) => change)).toEqual([
      'created',
    ])
  })

  it('gives a new secret to who presented none', async () => {
    await hear({ key: 'silent', login: '', secretHash: null })
    expect(await adopt('silent', { login: '', keeperCode: 'K1' })).toMatchObject({
      ok: true,
      login: 'silent',
      isSpareUsed: true,
      device: { keeperCode: 'K1', via: null },
    })
    expect((await device('silent'))?.secretHash).toBe('scrypt$spare')
  })

  it('takes a token as the way in', async () => {
    const secretHash = hashToken('A1_TEST_TOKEN_0001')
    await hear({ key: 'token:0011223344556677', secretHash })
    expect(await adopt('token:0011223344556677', { assetCode: 'A4' })).toMatchObject({
      ok: true,
      device: { secret: 'token' },
    })
    await hear({ key: 'other', secretHash })
    expect(await adopt('other')).toEqual({ ok: false, reason: 'token-taken' })
  })

  it('gives a way in to a device that was registered without one, and leaves it whose it is', async () => {
    await store.pool.query(
      `insert into device (key, asset_id) select 'mute', id from asset where code = 'A5'`,
    )
    await hear({ key: 'mute' })
    expect(await adopt('mute', { assetCode: 'A6' })).toEqual({ ok: false, reason: 'key-taken' })
    expect(await adopt('mute')).toMatchObject({ ok: true, device: { assetCode: 'A5', secret: 'password' } })
  })

  it('never gives another secret to a device that can log in by now', async () => {
    await hear({ key: 'late', secretHash: 'scrypt$of somebody else' })
    await store.pool.query(`insert into device (key, secret_hash) values ('late', 'scrypt$right')`)
    expect(await adopt('late')).toEqual({ ok: false, reason: 'key-taken' })
    expect((await device('late'))?.secretHash).toBe('scrypt$right')
    expect(await isWaiting('late')).toBe(true)
  })

  it('does not let in again who was revoked', async () => {
    await store.pool.query(`insert into device (key) values ('bad')`)
    await setDeviceState(store.pool, 'ann', 'bad', 'revoked')
    await hear({ key: 'bad' }, { key: 'for-bad', login: 'bad' })
    expect(await adopt('bad')).toEqual({ ok: false, reason: 'revoked' })
    expect(await adopt('for-bad', { login: 'bad' })).toEqual({ ok: false, reason: 'revoked' })
  })

  it('changes nothing where the stranger, the asset or the keeper is not there', async () => {
    await hear({ key: 'new' })
    expect(await adopt('nobody')).toEqual({ ok: false, reason: 'not-in-quarantine' })
    expect(await adopt('new', { login: 'nobody' })).toEqual({ ok: false, reason: 'not-in-quarantine' })
    expect(await adopt('new', { assetCode: 'none' })).toEqual({ ok: false, reason: 'unknown-asset' })
    expect(await adopt('new', { keeperCode: 'none' })).toEqual({ ok: false, reason: 'unknown-keeper' })
    expect(await device('new')).toBeUndefined()
    expect(await isWaiting('new')).toBe(true)
  })

  it('is written down, without a secret', async () => {
    const changes = await listDeviceChanges(store.pool, 'plug-1', 9)
    expect(changes).toMatchObject([
      { account: 'ann', change: 'adopted', detail: { login: 'bridge', assetCode: 'A2' } },
    ])
    const { rows } = await store.pool.query<{ told: string }>(
      'select device_change::text as told from device_change',
    )
    expect(rows.filter(({ told }) => /scrypt|sha256/.test(told))).toEqual([])
  })
})

describe('open registration', () => {
  it('is written down, and changes nothing where there is a way in', async () => {
    await registerLogin(store.pool, 'sim:1', 'scrypt$first')
    await registerLogin(store.pool, 'sim:1', 'scrypt$second')
    expect((await device('sim:1'))?.secretHash).toBe('scrypt$first')
    expect(await listDeviceChanges(store.pool, 'sim:1', 9)).toMatchObject([
      { account: 'open registration', change: 'registered', detail: null },
    ])
  })
})

describe('the quarantine', () => {
  it('lists who was heard last first, with how often and what it said', async () => {
    await store.pool.query('delete from quarantine')
    await hear({ key: 'old', heardAtMs: baseMs + 1, sample: Buffer.from([0xff, 0x61]) })
    await hear(
      { key: 'new', login: '', secretHash: null, heardAtMs: baseMs + 2 },
      { key: 'old', heardAtMs: baseMs + 1 },
    )
    expect(await listStrangers(store.pool, 10)).toMatchObject([
      { key: 'new', login: '', hasSecret: false, messages: 1, lastSeenMs: baseMs + 2, isRegistered: false },
      { key: 'old', login: 'old', hasSecret: true, messages: 2, firstSeenMs: baseMs + 1, sample: '{"t":1}' },
    ])
    expect(await countStrangers(store.pool)).toEqual({ total: 2, messages: 3 })
  })

  it('discards one speaker of a key, or all', async () => {
    await store.pool.query('delete from quarantine')
    await hear({ key: 'x', login: 'a' }, { key: 'x', login: 'b' }, { key: 'x', login: 'c' }, { key: 'y' })
    expect(await discardStranger(store.pool, 'x', 'a')).toBe(1)
    expect(await discardStranger(store.pool, 'x', null)).toBe(2)
    expect(await countStrangers(store.pool)).toMatchObject({ total: 1 })
  })

  it('forgets who was not heard for 30 days', async () => {
    await store.pool.query('delete from quarantine')
    await hear(
      { key: 'gone', heardAtMs: Date.now() - 31 * 86_400_000 },
      { key: 'here', heardAtMs: Date.now() },
    )
    await store.pool.query(`call forget_strangers(0, '{}')`)
    expect((await listStrangers(store.pool, 10)).map(({ key }) => key)).toEqual(['here'])
  })
})
