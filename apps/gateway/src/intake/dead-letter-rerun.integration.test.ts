import { openStore, requestRerun, type Store } from '@gridkeeper/store'
import { eventually, startTestDatabase, type TestDatabase } from '@gridkeeper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Gateway } from '../gateway.ts'
import { registerDevices, startGateway } from '../gateway.trial.ts'
import { trusted, type Speaker } from './speaker.ts'

const nowMs = Date.now()

describe('dead letters that run again', () => {
  let database: TestDatabase
  let store: Store
  let gateway: Gateway

  const query = async <Row extends object>(text: string) => (await store.pool.query<Row>(text)).rows
  const say = (topic: string, content: unknown, speaker: Speaker = trusted, receivedAtMs = nowMs) =>
    gateway.accept({
      source: 'mqtt',
      topic,
      bytes: Buffer.from(JSON.stringify(content)),
      receivedAtMs,
      client: 'c',
      speaker,
    })
  const outcomes = () =>
    eventually(
      async () => {
        const letters = await query<{ topic: string; rerun_outcome: string | null }>(
          'select topic, rerun_outcome from dead_letter order by id',
        )
        expect(letters.every(({ rerun_outcome }) => rerun_outcome !== null)).toBe(true)
        return letters.map(({ topic, rerun_outcome }) => `${topic} ${rerun_outcome}`)
      },
      { timeoutMs: 15_000 },
    )

  beforeAll(async () => {
    database = await startTestDatabase()
    gateway = await startGateway(database.url)
    store = await openStore({ url: database.url, applicationName: 'test' })
    await registerDevices(store.pool, 3)
  })
  afterAll(async () => {
    await gateway?.stop()
    await store?.close()
    await database?.stop()
  })

  it('are stored as if they came then, once what refused them is mended', { timeout: 30_000 }, async () => {
    await say('gk/v1/NEW/readings', { v: { p: 7 } }, trusted, nowMs - 60_000)
    await say('gk/v1/M-1/readings', [{ v: { p: 'x' } }, { t: nowMs, v: { p: 1 } }])
    await query(
      `with added as (insert into asset (code, name, kind, lon, lat) values ('NEW', 'n', 'meter', 120, 30) returning id)
       insert into device (key, asset_id) select 'NEW', id from added`,
    )
    expect(await requestRerun(store.pool, {})).toEqual({ requested: 2, left: 0 })
    expect(await outcomes()).toEqual(['gk/v1/NEW/readings accepted', 'gk/v1/M-1/readings wrong-type'])
    const [row] = await query<{ p: number; ms: number }>(
      `select p, extract(epoch from time)::float8 * 1000 as ms from reading_meter join device using (asset_id) where key = 'NEW'`,
    )
    expect(row).toEqual({ p: 7, ms: nowMs - 60_000 })
  })

  it(
    'who spoke under the key of another is not believed the second time either',
    {
      timeout: 30_000,
    },
    async () => {
      await query(`update device set secret_hash = 'scrypt$a$b' where key in ('M-2', 'M-3')`)
      await query(
        `insert into dead_letter (received_at, source, topic, login, reason, size, bytes, rerun_requested_at)
       values (now(), 'mqtt', 'gk/v1/M-2/readings', 'M-3', 'not-own-key', 14, '{"v":{"p":66}}', now()),
              (now(), 'mqtt', 'gk/v1/M-2/readings', null, 'not-own-key', 14, '{"v":{"p":67}}', now())`,
      )
      expect((await outcomes()).slice(2)).toEqual([
        'gk/v1/M-2/readings not-own-key',
        'gk/v1/M-2/readings not-own-key',
      ])
      expect(await query('select p from reading_meter where p in (66, 67)')).toEqual([])
      expect(await query('select count(*)::int as letters from dead_letter')).toEqual([{ letters: 4 }])
    },
  )
})
