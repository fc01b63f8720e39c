import pg from 'pg'
import { expect, it } from 'vitest'
import { startTestDatabase } from './start-test-database.ts'

it('starts an empty database with TimescaleDB, apart from any other', { timeout: 60_000 }, async () => {
  const databases = await Promise.all([startTestDatabase(), startTestDatabase()])
  try {
    for (const { url } of databases) {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      await client.query('create table reading (at timestamptz not null, value float8)')
      await client.query("select create_hypertable('reading', 'at')")
      const { rows } = await client.query(
        'select count(*)::int as chunks from timescaledb_information.chunks',
      )
      expect(rows).toEqual([{ chunks: 0 }])
      await client.end()
    }
  } finally {
    await Promise.all(databases.map((database) => database.stop()))
  }
})
