import { startTestDatabase, type TestDatabase } from '@gridkeeper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appendBatch } from './append-batch.ts'
import { rollupView } from './kind-tables.ts'
import { rollups } from './lifecycle.ts'
import { migrate } from './migrate.ts'
import { openStore, type Store } from './pool.ts'
import { readRolledSeries } from './series.ts'
import { batch, fix, meter, reading, registerAll, valuesOf } from './rows.trial.ts'

const minute = 60_000
const day = 86_400_000
const assetCount = 300
/** Ten days ago, 00:00 UTC: old enough to be compressed, young enough to be kept. */
const oldMs = (Math.floor(Date.now() / day) - 10) * day

describe('rollups and compression', () => {
  let database: TestDatabase
  let store: Store
  const query = async <Row extends object>(text: string, values: unknown[] = []) =>
    (await store.pool.query<Row>(text, values)).rows
  const append = (readings: ReturnType<typeof reading>[]) =>
    appendBatch(store.pool, store.appendPath, batch({ readings }))
  /** Runs the policies of the meters until `isDone`: one run makes a bounded part only. */
  const refreshUntil = async (isDone: () => Promise<boolean>) => {
    const jobs = await query<{ job_id: number }>(
      `select j.job_id from timescaledb_information.jobs j join timescaledb_information.continuous_aggregates ca
         on j.hypertable_name in (ca.view_name, ca.materialization_hypertable_name)
       where j.proc_name = 'policy_refresh_continuous_aggregate' and ca.view_name like 'reading\\_meter\\_%' order by j.job_id`,
    )
    expect(jobs).toHaveLength(rollups.length)
    for (let run = 0; run < 100; run++) {
      for (const { job_id } of jobs) await query(`call run_job(${job_id})`)
      if (await isDone()) return
    }
    throw new Error('the policies do not come to an end')
  }

  /** count, sum, min and max over everything, of one asset. */
  const totals = 'p_n::int as n, p_sum::double precision as sum, p_min as min, p_max as max'
  const rawTotals = async (assetId: number) =>
    (
      await query(
        `select count(p)::int as n, sum(p::double precision) as sum, min(p) as min, max(p) as max from reading_meter where asset_id = $1`,
        [assetId],
      )
    )[0]
  const rolledTotals = async (
    assetId: number,
    name: (typeof rollups)[number]['name'],
    source = rollupView(meter, name),
  ) =>
    (
      await query(
        `select sum(p_n)::int as n, sum(p_sum) as sum, min(p_min) as min, max(p_max) as max from ${source} where asset_id = $1`,
        [assetId],
      )
    )[0]
  const expectAgreement = async (assetId: number) => {
    const raw = await rawTotals(assetId)
    for (const { name } of rollups) expect.soft(await rolledTotals(assetId, name), name).toEqual(raw)
  }
  const agrees = (assetId: number, sourceOf: typeof viewOf) => async () => {
    const raw = JSON.stringify(await rawTotals(assetId))
    for (const { name } of rollups)
      if (JSON.stringify(await rolledTotals(assetId, name, await sourceOf(name))) !== raw) return false
    return true
  }
  const viewOf = async (name: (typeof rollups)[number]['name']) => rollupView(meter, name)
  /** What is made, without what is added in real time. */
  const madeOf = async (name: (typeof rollups)[number]['name']) => {
    const [view] = await query<{ source: string }>(
      `select format('%I.%I', materialization_hypertable_schema, materialization_hypertable_name) as source
       from timescaledb_information.continuous_aggregates where view_name = $1`,
      [rollupView(meter, name)],
    )
    return view?.source ?? ''
  }

  /** One row a minute over a day and a half; whole numbers, so that sums are exact in any order. */
  const history = (assetId: number) =>
    Array.from({ length: 2160 }, (_, at) =>
      reading({
        assetId,
        timeMs: oldMs + at * minute + (at % 7),
        messageId: BigInt(at),
        values: valuesOf(meter, { p: (at * 37) % 101 }),
      }),
    )

  beforeAll(async () => {
    database = await startTestDatabase()
    store = await openStore({ url: database.url, applicationName: 'test' })
    await migrate(store.pool)
    await registerAll(store.pool, assetCount)
  })
  afterAll(async () => {
    await store?.close()
    await database?.stop()
  })

  /** A curve that begins and ends inside a bucket, against the view. */
  const expectCurves = async () => {
    const range = { fromMs: oldMs + 100 * minute + 1, toMs: Date.now() }
    for (const rollup of rollups) {
      const curve = await readRolledSeries(
        store.pool,
        meter,
        meter.metrics,
        rollup,
        rollup.bucketMs,
        1,
        range,
      )
      const told = await query(
        `select (extract(epoch from time) * 1000)::double precision as time_ms, p_n::int as n, p_sum / nullif(p_n, 0) as p, p_min, p_max
         from ${rollupView(meter, rollup.name)} where asset_id = 1 and time > $1::timestamptz - interval '${rollup.bucket}' order by 1`,
        [new Date(range.fromMs)],
      )
      const ours = curve.map(({ time_ms, least_rows, p, p_min, p_max }) => ({
        time_ms,
        n: least_rows,
        p,
        p_min,
        p_max,
      }))
      expect.soft(ours.length, rollup.name).toBeGreaterThan(0)
      expect.soft(ours, rollup.name).toEqual(told)
    }
  }

  it('agree with the raw rows in real time, before any refresh', async () => {
    await append(history(1))
    await expectAgreement(1)
    await expectCurves()
  })

  it('agree after the policies have run, with what was really made', async () => {
    await refreshUntil(agrees(1, madeOf))
    await expectAgreement(1)
    await expectCurves()
  })

  it('are told up to the newest row, made or not', async () => {
    const newest = {
      assetId: 1,
      timeMs: Date.now() - 1_000,
      messageId: -9n,
      values: valuesOf(meter, { p: 7 }),
    }
    await append([reading(newest)])
    await expectCurves()
    const [hourly] = rollups.filter(({ name }) => name === '1h')
    const range = { fromMs: newest.timeMs - day, toMs: Date.now() }
    const curve = await readRolledSeries(
      store.pool,
      meter,
      meter.metrics,
      hourly!,
      hourly!.bucketMs,
      1,
      range,
    )
    expect(curve.at(-1)).toMatchObject({ p: 7, p_min: 7, p_max: 7, least_rows: 1 })
    await query('delete from reading_meter where message_id = -9')
  })

  it('agree bucket by bucket', async () => {
    for (const { name, bucket } of rollups) {
      const rolled = await query(
        `select time, ${totals} from ${rollupView(meter, name)} where asset_id = 1 order by time`,
      )
      const raw = await query(
        `select time_bucket($1::interval, time) as time, count(p)::int as n, sum(p::double precision) as sum, min(p) as min, max(p) as max
         from reading_meter where asset_id = 1 group by 1 order by 1`,
        [bucket],
      )
      expect(rolled, name).toEqual(raw)
    }
  })

  it('count no value that was not said', async () => {
    await append([reading({ assetId: 2, timeMs: oldMs, values: valuesOf(meter, { ua: 220 }) })])
    await refreshUntil(async () => ((await rolledTotals(2, '1d')) as { n: number | null }).n !== null)
    expect(await rolledTotals(2, '1d')).toEqual({ n: 0, sum: null, min: null, max: null })
  })

  it('take late rows in with the next runs of the policies', async () => {
    await append([
      reading({
        assetId: 1,
        timeMs: oldMs + 90 * minute,
        messageId: -5n,
        values: valuesOf(meter, { p: 500 }),
      }),
    ])
    await refreshUntil(agrees(1, viewOf))
    await expectAgreement(1)
    expect(await rolledTotals(1, '1h')).toMatchObject({ max: 500, n: 2161 })
  })

  describe('in a compressed chunk', () => {
    const compressed = `select count(*)::int as count from timescaledb_information.chunks where hypertable_name = $1 and is_compressed`
    const compress = async (table: string) => {
      const [job] = await query<{ job_id: number }>(
        `select job_id from timescaledb_information.jobs where hypertable_name = $1 and proc_name = 'policy_compression'`,
        [table],
      )
      await query(`call run_job(${job?.job_id})`)
      expect(
        (await query<{ count: number }>(compressed, [table]))[0]?.count,
        `compressed chunks of ${table}`,
      ).toBeGreaterThan(0)
    }

    it('a message that is there already adds nothing, a late one is added once', async () => {
      await compress('reading_meter')
      const late = reading({
        assetId: 1,
        timeMs: oldMs + 91 * minute,
        messageId: -6n,
        values: valuesOf(meter, { p: 1 }),
      })
      const before = await rawTotals(1)
      expect((await append(history(1))).readings).toBe(0)
      expect((await append([late])).readings).toBe(1)
      expect((await append([late, ...history(1)])).readings).toBe(0)
      expect(await rawTotals(1)).toMatchObject({ n: (before as { n: number }).n + 1 })
      await refreshUntil(agrees(1, viewOf))
      await expectAgreement(1)
    })

    it('fixes, too, stay once', async () => {
      const rows = Array.from({ length: 50 }, (_, at) => fix({ timeMs: oldMs + at * 1000 }))
      const send = () => appendBatch(store.pool, store.appendPath, batch({ fixes: rows }))
      expect((await send()).fixes).toBe(50)
      await compress('fix')
      expect((await send()).fixes).toBe(0)
    })

    it('a batch of late messages of many assets is taken, though each opens a compressed segment of its own', async () => {
      // 300 assets × 400 rows: more than the 100,000 rows that TimescaleDB lets one transaction decompress.
      const from = oldMs - 2 * day
      for (let at = 0; at < 400; at += 20) {
        const rows = Array.from({ length: assetCount * 20 }, (_, i) =>
          reading({
            assetId: 1 + (i % assetCount),
            timeMs: from + (at + Math.floor(i / assetCount)) * minute,
            messageId: 7n,
          }),
        )
        expect((await append(rows)).readings).toBe(rows.length)
      }
      await compress('reading_meter')
      const late = Array.from({ length: assetCount }, (_, i) =>
        reading({ assetId: 1 + i, timeMs: from + 200 * minute, messageId: 8n }),
      )
      const known = late.map((row) => ({ ...row, messageId: 7n }))
      expect((await append([...late, ...known])).readings).toBe(assetCount)
    })
  })
})
