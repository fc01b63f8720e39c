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

it('knows each kind of our policies, and hardly a lag just after they were made', async () => {
  const jobs = await readJobLag(store.pool)
  expect(jobs.map(({ job }) => job)).toEqual(['compression', 'refresh', 'retention'])
  // Nobody runs them here, and the first refresh is due within seconds.
  for (const { lagSeconds, failing } of jobs) {
    expect(lagSeconds).toBeLessThan(60)
    expect(failing).toBe(0)
  }
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
