import type { Kind } from '@gridkeeper/domain'
import { startTestDatabase, type TestDatabase } from '@gridkeeper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appendBatch } from './append-batch.ts'
import { readingTable, rollupView } from './kind-tables.ts'
import { lifecycle, refreshRollupsEvery, rollups } from './lifecycle.ts'
import { migrate, MigrationError } from './migrate.ts'
import { openStore, type Store } from './pool.ts'
import { baseMs, batch, meter, reading } from './rows.trial.ts'

/** A kind that the product does not have. */
const lamp: Kind = {
  ...meter,
  key: 'lamp',
  code: 99,
  metrics: [
    { key: 'lux', label: { zh: '照度', en: 'Illuminance' }, unit: 'lx', type: 'number', decimals: 0 },
    { key: 'lit', label: { zh: '亮', en: 'Lit' }, unit: '', type: 'boolean', decimals: 0 },
  ],
  headline: 'lux',
  curve: ['lux'],
  rules: [],
}
const lampWithHours: Kind = {
  ...lamp,
  metrics: [
    ...lamp.metrics,
    {
      key: 'hours',
      label: { zh: '时数', en: 'Hours' },
      unit: 'h',
      type: 'number',
      decimals: 1,
      cumulative: true,
    },
  ],
}

const open = (url: string) => openStore({ url, applicationName: 'test' })

describe('migrate', () => {
  let database: TestDatabase
  let store: Store
  const query = async <Row extends object>(text: string, values: unknown[] = []) =>
    (await store.pool.query<Row>(text, values)).rows

  beforeAll(async () => {
    database = await startTestDatabase()
    store = await open(database.url)
  })
  afterAll(async () => {
    await store?.close()
    await database?.stop()
  })

  /** Everything that has a name, and every policy. */
  const schema = async () => ({
    relations: await query(
      `select c.relname, c.relkind, a.attname, a.atttypid::regtype::text as type from pg_class c join pg_namespace n on n.oid = c.relnamespace
       left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped where n.nspname = 'public' order by 1, a.attnum`,
    ),
    jobs: await query(
      'select proc_name, hypertable_name, schedule_interval, config from timescaledb_information.jobs order by job_id',
    ),
    applied: await query('select * from schema_migration order by name'),
  })

  it('brings two processes that start at once to the same schema, applied once', async () => {
    const other = await open(database.url)
    try {
      const applied = await Promise.all([migrate(store.pool), migrate(other.pool)])
      expect(applied.map((names) => names.length).sort()).toEqual([0, expect.any(Number)])
      expect(applied.flat()).toEqual(expect.arrayContaining(['0001-registry.sql', '0002-streams.sql']))
    } finally {
      await other.close()
    }
  })

  it('does nothing the second time', async () => {
    const before = await schema()
    expect(await migrate(store.pool)).toEqual([])
    expect(await schema()).toEqual(before)
  })

  it('refuses a file that was edited after it had been applied, and changes nothing', async () => {
    const [kept] = await query<{ digest: string }>(
      `select digest from schema_migration where name = '0001-registry.sql'`,
    )
    await query(`update schema_migration set digest = 'of another text' where name = '0001-registry.sql'`)
    const before = await schema()
    try {
      await expect(migrate(store.pool, [lamp])).rejects.toBeInstanceOf(MigrationError)
      expect(await schema()).toEqual(before)
    } finally {
      await query(`update schema_migration set digest = $1 where name = '0001-registry.sql'`, [kept?.digest])
    }
  })

  it('gives every table of the streams the life that lifecycle.ts says', async () => {
    const policies = await query<{
      proc_name: string
      relation: string
      config: Record<string, string>
      schedule: string
    }>(
      `select j.proc_name, coalesce(ca.view_name, j.hypertable_name) as relation, j.config, j.schedule_interval::text as schedule
       from timescaledb_information.jobs j
       left join timescaledb_information.continuous_aggregates ca
         on j.hypertable_name in (ca.view_name, ca.materialization_hypertable_name)`,
    )
    // Postgres says intervals in its own way.
    const say = async (interval: string) =>
      (await query<{ text: string }>('select $1::interval::text as text', [interval]))[0]?.text
    const intervalOf = async (policy: string, relation: string, key: string) =>
      await say(
        policies.find((job) => job.proc_name.includes(policy) && job.relation === relation)?.config[key] ??
          '0',
      )
    const expected: [policy: string, relation: string, key: string, interval: string][] = [
      ['retention', readingTable(meter), 'drop_after', lifecycle.keepReadings],
      ['compression', readingTable(meter), 'compress_after', lifecycle.compressReadingsAfter],
      ['retention', 'fix', 'drop_after', lifecycle.keepFixes],
      ['compression', 'fix', 'compress_after', lifecycle.compressFixesAfter],
      ['retention', 'device_event', 'drop_after', lifecycle.keepEvents],
      ['retention', 'dead_letter', 'drop_after', lifecycle.keepDeadLetters],
      ...rollups.map(
        ({ name, keep }) =>
          ['retention', rollupView(meter, name), 'drop_after', keep] as [string, string, string, string],
      ),
    ]
    for (const [policy, relation, key, interval] of expected)
      expect
        .soft(await intervalOf(policy, relation, key), `${policy} of ${relation}`)
        .toBe(await say(interval))
    for (const { name } of rollups) {
      const refresh = policies.find(
        (job) => job.proc_name.includes('refresh') && job.relation === rollupView(meter, name),
      )
      expect.soft(refresh?.schedule, `refresh of ${name}`).toBe(await say(refreshRollupsEvery))
    }
  })

  it('refreshes the rollups of a kind one after the other, also those that an earlier release made, but none that an operator altered', async () => {
    const turns = async () =>
      (
        await store.pool.query<{
          view_name: string
          every: string
          is_fixed: boolean
          second: number | null
        }>(
          `select view_name, schedule_interval::text as every, fixed_schedule as is_fixed, extract(second from initial_start)::int as second
           from timescaledb_information.jobs join timescaledb_information.continuous_aggregates
             on jobs.hypertable_name in (view_name, materialization_hypertable_name)
           where proc_name = 'policy_refresh_continuous_aggregate' and view_name like 'reading\\_meter\\_%'`,
        )
      ).rows.sort((a, b) => (a.second ?? -1) - (b.second ?? -1))
    const inTurn = rollups.map(({ name }, at) => ({
      view_name: rollupView(meter, name),
      every: '00:00:15',
      is_fixed: true,
      second: 3 * at,
    }))
    expect(await turns()).toEqual(inTurn)

    const makeOld = (view: string, every: string) =>
      store.pool.query(
        `select alter_job(job_id, schedule_interval => $2::interval, fixed_schedule => false)
         from timescaledb_information.jobs join timescaledb_information.continuous_aggregates
           on jobs.hypertable_name in (view_name, materialization_hypertable_name)
         where proc_name = 'policy_refresh_continuous_aggregate' and view_name = $1`,
        [view, every],
      )
    await makeOld('reading_meter_1m', '15 seconds')
    await makeOld('reading_meter_1d', '10 minutes')
    await migrate(store.pool)
    expect(await turns()).toEqual(inTurn)
    await makeOld('reading_meter_1d', '1 hour')
    await migrate(store.pool)
    expect((await turns()).find((turn) => turn.view_name === 'reading_meter_1d')).toMatchObject({
      every: '01:00:00',
      is_fixed: false,
    })
  })

  it('gives a new kind its table and rollups, and a new metric its column and rollups', async () => {
    await migrate(store.pool, [lamp])
    const row = (messageId: bigint, kind: Kind, values: readonly (number | boolean | null)[]) =>
      reading({ kind, messageId, values, timeMs: baseMs + Number(messageId) })
    expect(
      (await appendBatch(store.pool, store.appendPath, batch({ readings: [row(1n, lamp, [300, true])] })))
        .readings,
    ).toBe(1)

    await migrate(store.pool, [lampWithHours])
    const grown = await open(database.url)
    try {
      const result = await appendBatch(
        grown.pool,
        grown.appendPath,
        batch({ readings: [row(2n, lampWithHours, [500, false, 12_345_678.9])] }),
      )
      expect(result.readings).toBe(1)
    } finally {
      await grown.close()
    }
    expect(await query('select lux, lit, hours from reading_lamp order by time')).toEqual([
      { lux: 300, lit: true, hours: null },
      { lux: 500, lit: false, hours: 12_345_678.9 },
    ])
    for (const { name } of rollups)
      expect(
        await query(`select lux_sum, lux_n::int, hours_n::int, hours_max from ${rollupView(lamp, name)}`),
      ).toEqual([{ lux_sum: 800, lux_n: 2, hours_n: 1, hours_max: 12_345_678.9 }])
  })

  it('drops no column because a definition lost a metric', async () => {
    await migrate(store.pool, [lamp])
    expect(await query('select hours from reading_lamp where hours is not null')).toHaveLength(1)
  })
})
