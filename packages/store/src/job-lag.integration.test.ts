import { startTestDatabase, type TestDatabase } from '@gridkeeper/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readJobLag } from './job-lag.ts'
import { migrate } from './migrate.ts'
import { openStore, type Store } from './pool.ts'

let database: TestDatabase
let store: Store

beforeAll(async () => {
  database = await startTestDatabase()
  store = await openStore({ url: database.url, applicationName: 'test' })
  await migrate(store.pool)
})
afterAll(async () => {
  await store?.close()
  await database?.stop()
})

it('knows each kind of our policies, and no lag before the first run', async () => {
  const jobs = await readJobLag(store.pool)
  expect(jobs.map(({ job }) => job)).toEqual(['compression', 'refresh', 'retention'])
  for (const { lagSeconds, failing } of jobs) expect([lagSeconds, failing]).toEqual([0, 0])
})

it('tells how late the latest is', async () => {
  const { rows } = await store.pool.query<{ job_id: number }>(
    `select job_id from timescaledb_information.jobs where proc_name = 'policy_retention' limit 1`,
  )
  await store.pool.query(`select alter_job($1, next_start => now() - interval '90 seconds')`, [
    rows[0]?.job_id,
  ])
  const retention = (await readJobLag(store.pool)).find(({ job }) => job === 'retention')
  expect(retention?.lagSeconds).toBeGreaterThanOrEqual(90)
  expect(retention?.lagSeconds).toBeLessThan(150)
})
