import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openClient, rows, startTrial } from './embedded.trial.ts'
import type { Embedded } from './start-embedded.ts'

let embedded: Embedded
let client: pg.Client

beforeAll(async () => {
  embedded = await startTrial({
    jobIntervalMs: 100,
    upkeep: { checkpointLogBytes: 100_000, vacuumIntervalMs: 300 },
  })
  client = await openClient(embedded.url)
  await client.query(`
    create table reading (at timestamptz not null, asset_id int, value float8);
    select create_hypertable('reading', 'at', chunk_time_interval => interval '1 day');
    insert into reading select now() - i * interval '1 hour', i % 5, i from generate_series(1, 240) i;
    alter table reading set (timescaledb.compress, timescaledb.compress_segmentby = 'asset_id');
  `)
  await client.query(`
    create materialized view hourly with (timescaledb.continuous) as
    select time_bucket('1 hour', at) as hour, asset_id, avg(value) as value from reading group by 1, 2 with no data
  `)
}, 60_000)
afterAll(async () => {
  await client.end()
  await embedded.stop()
})

const scalar = async (sql: string) => (await rows(client, sql))[0]?.[0]
const becomes = async (sql: string, wanted: (value: unknown) => boolean) => {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const value = await scalar(sql)
    if (wanted(value)) return value
    await delay(20)
  }
  throw new Error(`did not come: ${sql}`)
}
const status = (job: unknown) =>
  `select last_run_status from timescaledb_information.job_stats where job_id = ${String(job)}`

it('refreshes a continuous aggregate', async () => {
  const materialized = `select count(*)::int from hourly`
  expect(await scalar(materialized)).toBe(0)
  const job = await scalar(
    `select add_continuous_aggregate_policy('hourly', null, interval '1 minute', interval '1 hour')`,
  )
  await becomes(materialized, (value) => Number(value) > 200)
  await becomes(status(job), (value) => value === 'Success')
  expect(
    await scalar(`select next_start > now() from timescaledb_information.jobs where job_id = ${String(job)}`),
  ).toBe(true)
})

it('compresses chunks', async () => {
  const compressed = `select count(*)::int from timescaledb_information.chunks where is_compressed`
  await client.query(`select add_compression_policy('reading', interval '3 days')`)
  await becomes(compressed, (value) => Number(value) >= 6)
  expect(await scalar('select count(*)::int from reading')).toBe(240)
  // A late reading goes into a compressed chunk.
  await client.query(`insert into reading values (now() - interval '5 days', 1, 1)`)
  expect(await scalar('select count(*)::int from reading')).toBe(241)
})

it('drops what is older than its retention', async () => {
  await client.query(`select add_retention_policy('reading', interval '7 days')`)
  await becomes(
    `select count(*)::int from reading where at < now() - interval '8 days'`,
    (value) => value === 0,
  )
  expect(Number(await scalar('select count(*)::int from reading'))).toBeGreaterThan(100)
})

it('books a failing job, backs off, and goes on with the others', async () => {
  await client.query(
    `create procedure fail(job_id int, config jsonb) language plpgsql as $$ begin raise exception 'no'; end $$`,
  )
  const failing = await scalar(`select add_job('fail', '1 second')`)
  await client.query(`create table tick (at timestamptz)`)
  await client.query(
    `create procedure tick(job_id int, config jsonb) language sql as $$ insert into tick values (clock_timestamp()) $$`,
  )
  await client.query(`select add_job('tick', '200 ms')`)
  await becomes(status(failing), (value) => value === 'Failed')
  await becomes('select count(*)::int from tick', (value) => Number(value) >= 3)
  expect(
    await scalar(
      `select next_start > now() + interval '1 second' from timescaledb_information.jobs where job_id = ${String(failing)}`,
    ),
  ).toBe(true)
  expect(embedded.counters().jobsFailed).toBe(1)
})

it('never runs one while a client is in a transaction', async () => {
  await client.query('begin')
  const before = await scalar('select count(*)::int from tick')
  await delay(500)
  expect(await scalar('select count(*)::int from tick')).toBe(before)
  await client.query('commit')
  await becomes('select count(*)::int from tick', (value) => Number(value) > Number(before))
})

it('checkpoints and vacuums', async () => {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const { checkpoints, tablesVacuumed } = embedded.counters()
    if (checkpoints > 0 && tablesVacuumed > 0) break
    await delay(20)
  }
  const { checkpoints, tablesVacuumed, jobLagMsLast, jobDurationMsTotal } = embedded.counters()
  expect(checkpoints).toBeGreaterThan(0)
  expect(tablesVacuumed).toBeGreaterThan(0)
  expect(jobDurationMsTotal).toBeGreaterThan(0)
  expect(jobLagMsLast).not.toBeNull()
})
