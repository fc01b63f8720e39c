import pg from 'pg'

export interface StoredRows {
  readonly readings: number
  readonly fixes: number
}

/** Rows of our speakers that bear a device time of the run. */
export async function countRows(database: string, fromMs: number, toMs: number): Promise<StoredRows> {
  const client = new pg.Client({ connectionString: database })
  await client.connect()
  try {
    const count = async (table: string, owner: string) => {
      const { rows } = await client.query<{ count: number }>(
        `select count(*)::int as count from ${table} join device using (${owner})
         where device.key ~ '^(osmand:|owntracks:)?k6-' and time between $1 and $2`,
        [new Date(fromMs), new Date(toMs)],
      )
      return rows[0]?.count ?? 0
    }
    return { readings: await count('reading_meter', 'asset_id'), fixes: await count('fix', 'keeper_id') }
  } finally {
    await client.end()
  }
}
