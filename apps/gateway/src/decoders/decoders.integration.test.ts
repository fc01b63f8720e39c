import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore, type Store } from '@gridkeeper/store'
import { startTestDatabase, type TestDatabase } from '@gridkeeper/testkit'
import { startGateway } from '../gateway.trial.ts'
import type { Gateway } from '../gateway.ts'
import { trusted } from '../intake/speaker.ts'
import { bytesOf } from './decoder.trial.ts'
import { clock, current, quantity } from './cjt188/frame.trial.ts'
import { encodePayload, type EdgeMetric } from './sparkplug/edge-node.trial.ts'

const group = 'plant'
const edgeKey = `sparkplug:${group}:e1`

describe('what the decoders make', () => {
  let database: TestDatabase
  let store: Store
  let gateway: Gateway

  const query = async <Row extends object>(text: string, values: unknown[] = []) =>
    (await store.pool.query<Row>(text, values)).rows
  const hear = (topic: string, content: unknown) =>
    gateway.accept({
      source: 'mqtt',
      topic,
      bytes: bytesOf(content),
      receivedAtMs: Date.now(),
      client: null,
      speaker: trusted,
    })
  const register = (key: string, kind: string) =>
    query(
      `with added as (insert into asset (code, name, kind, lon, lat) values ($1, $1, $2, 120, 30) returning id)
       insert into device (key, asset_id) select $1, id from added`,
      [key, kind],
    )

  beforeAll(async () => {
    database = await startTestDatabase()
    store = await openStore({ url: database.url, applicationName: 'test' })
    gateway = await startGateway(database.url)
    await register('W-1', 'fluid_meter')
    await register(`${edgeKey}:M1`, 'meter')
    await query(`insert into device (key) values ($1)`, [edgeKey])
  })

  afterAll(async () => {
    await gateway?.stop()
    await store?.close()
    await database?.stop()
  })

  it('of a water meter stands in its own table, and its low battery is an alarm', async () => {
    const status = Buffer.from([0b100, 0])
    await hear(
      'gk/v1/W-1/cjt188',
      current(0x10, quantity(1234.56, 0x2c), quantity(1200, 0x2c), clock, status),
    )
    expect(await query('select volume, valve, battery_low, extra from reading_fluid_meter')).toEqual([
      {
        volume: 1234.56,
        valve: 0,
        battery_low: true,
        extra: { volume_settled: 1200, meter_clock: '2026-06-01 12:34:56' },
      },
    ])
    expect(await query('select rule, cleared_at from alarm')).toEqual([
      { rule: 'battery-low', cleared_at: null },
    ])
  })

  it('of an edge node counts at once, and its history never moves the present', async () => {
    const now = Date.now()
    const say = (type: string, seq: number, metrics: EdgeMetric[]) =>
      hear(
        `spBv1.0/${group}/${type}/e1${type.startsWith('D') ? '/M1' : ''}`,
        encodePayload({ timestamp: now, seq, metrics }),
      )
    await say('NBIRTH', 0, [{ name: 'bdSeq', type: 'UInt64', value: 0 }])
    await say('DBIRTH', 1, [{ name: 'Feeder/Ua', alias: 1, type: 'Float', value: 221.5 }])
    const history = {
      alias: 1,
      type: 'Float',
      value: 200,
      timestamp: now + 1_000,
      isHistorical: true,
    } as const
    const message = await say('DDATA', 2, [history])
    expect(message.deadLetters).toEqual([])
    expect(await query('select ua, flags from reading_meter order by time')).toEqual([
      { ua: 221.5, flags: 0 },
      { ua: 200, flags: 16 },
    ])
    const present = `select values->>'ua' as ua from asset_state join device using (asset_id) where key = $1`
    expect(await query(present, [`${edgeKey}:M1`])).toEqual([{ ua: '221.5' }])
    expect(await query('select online from device_status where device_key = $1', [edgeKey])).toEqual([
      { online: true },
    ])
  })
})
