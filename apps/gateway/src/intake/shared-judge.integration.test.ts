import {
  appendBatch,
  inRowOrder,
  migrate,
  openStore,
  type Batch,
  type FixRow,
  type ReadingRow,
  type Store,
} from '@gridkeeper/store'
import { startTestDatabase, type TestDatabase } from '@gridkeeper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registerDevices } from '../gateway.trial.ts'
import { fix, nowMs, reading } from './intake-rows.trial.ts'
import { SharedJudge } from './shared-judge.ts'

const empty = { readings: [], fixes: [], events: [], statuses: [], deadLetters: [], strangers: [] }
const assetCount = 20

describe('two gateways that judge the same assets', () => {
  let database: TestDatabase
  let stores: readonly Store[]
  let conflicts = 0

  beforeAll(async () => {
    database = await startTestDatabase()
    const open = () => openStore({ url: database.url, applicationName: 'test' })
    stores = [await open(), await open()]
    await migrate(first().pool)
    await registerDevices(first().pool, assetCount)
  })
  afterAll(async () => {
    for (const store of stores ?? []) await store.close()
    await database?.stop()
  })
  const first = () => stores[0] as Store
  const query = async <Row extends object>(text: string, values: unknown[] = []) =>
    (await first().pool.query<Row>(text, values)).rows

  /** One gateway: its own judge, its batches one after the other, a conflict tried again. */
  const makeGateway = (store: Store) => {
    const judge = new SharedJudge()
    return async (readings: readonly ReadingRow[], fixes: readonly FixRow[] = []): Promise<void> => {
      let apply: () => void = () => undefined
      const batch: Batch = {
        ...empty,
        readings,
        fixes,
        judge: async (heard, heardFixes, client) => {
          const judgement = await judge.judge(heard, heardFixes, () => [], client)
          apply = () => judgement.apply()
          return judgement
        },
      }
      for (;;)
        try {
          await appendBatch(store.pool, store.appendPath, inRowOrder(batch))
          return apply()
        } catch (error) {
          if (!/^40/.test(String((error as { code?: string }).code))) throw error
          conflicts++
        }
    }
  }
  const shuffled = <T>(rows: readonly T[]) =>
    rows
      .map((row) => ({ row, by: Math.random() }))
      .toSorted((a, b) => a.by - b.by)
      .map(({ row }) => row)

  it('raise an alarm once and clear it once, and the newest device time wins, whatever meets what', async () => {
    const gateways = stores.map(makeGateway)
    const at = (assetId: number, ms: number, ua: number) =>
      reading({ ua }, { assetId, deviceKey: `M-${assetId}`, timeMs: nowMs + ms, messageId: BigInt(ms) })
    const assets = Array.from({ length: assetCount }, (_, index) => index + 1)
    // Both hear of all assets at once, in any order: even steps one, odd steps the other, and some steps both (as Sparkplug).
    const say = (from: number, to: number, ua: number) =>
      Promise.all(
        gateways.map(async (commit, number) => {
          for (let step = from; step < to; step++) {
            const rows = assets.flatMap((id) =>
              step % 5 === 0 || (step + id) % 2 === number ? [at(id, step, ua)] : [],
            )
            await commit(shuffled(rows))
          }
        }),
      )
    await say(0, 20, 280)
    await say(20, 40, 220)
    const alarms = await query<{ asset_id: number; raised: number; open: number }>(
      `select asset_id, count(*)::int as raised, (count(*) filter (where cleared_at is null))::int as open from alarm where asset_id <= $1 group by 1`,
      [assetCount],
    )
    expect(alarms).toHaveLength(assetCount)
    for (const alarm of alarms) expect(alarm).toMatchObject({ raised: 1, open: 0 })
    const states = await query<{ ms: number; ua: number }>(
      `select (extract(epoch from time) * 1000)::double precision as ms, (values ->> 'ua')::float8 as ua from asset_state where asset_id <= $1`,
      [assetCount],
    )
    expect(states).toEqual(assets.map(() => ({ ms: nowMs + 39, ua: 220 })))
    const [stored] = await query<{ n: number }>(
      'select count(*)::int as n from reading_meter where asset_id <= $1',
      [assetCount],
    )
    expect(stored?.n).toBe(assetCount * 40)
    // Rows and locks are taken in one order: nobody waits in a circle.
    expect(conflicts).toBe(0)
  })

  it('keep the newest position of a keeper, even when both write his first', async () => {
    const gateways = stores.map(makeGateway)
    await Promise.all(
      gateways.map(async (commit, number) => {
        for (let step = 0; step < 10; step++)
          await commit(
            [],
            [
              fix({
                keeperId: 1,
                timeMs: nowMs + step * 2 + number,
                lon: 120 + step,
                messageId: BigInt(step),
              }),
            ],
          )
      }),
    )
    expect(
      await query(
        `select (extract(epoch from time) * 1000)::double precision as ms from keeper_state where keeper_id = 1`,
      ),
    ).toEqual([{ ms: nowMs + 19 }])
  })
})
