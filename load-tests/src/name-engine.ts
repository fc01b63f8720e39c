import pg from 'pg'

/** E.g. `TimescaleDB 2.23.0, PostgreSQL 17.5, embedded`: figures of two engines must not be compared by accident. */
export async function nameEngine(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const { rows } = await client.query<{ version: string; server: string; extension: string | null }>(
      `select version() as version, current_setting('server_version') as server,
         (select extversion from pg_extension where extname = 'timescaledb') as extension`,
    )
    const [row] = rows
    // The embedded engine is compiled by Emscripten, and says so.
    const place = row?.version.includes('emcc') === true ? 'embedded' : 'native'
    const timescale =
      row === undefined || row.extension === null ? 'no TimescaleDB' : `TimescaleDB ${row.extension}`
    return `${timescale}, PostgreSQL ${row?.server.split(' ')[0] ?? '?'}, ${place}`
  } finally {
    await client.end()
  }
}
