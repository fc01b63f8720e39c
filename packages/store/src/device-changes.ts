import type { DeviceChange } from '@gridkeeper/contracts'
import type { Pool, PoolClient } from 'pg'
import { jsonText, textArray } from './array-literal.ts'

/** One line of the audit trail. `detail` never holds a secret, hashed or not. */
export interface NewDeviceChange {
  readonly key: string
  readonly change: DeviceChange['change']
  readonly detail?: Readonly<Record<string, unknown>>
}

/** Inside the transaction of the change: neither is there without the other. */
export async function recordDeviceChanges(
  client: PoolClient,
  account: string,
  changes: readonly NewDeviceChange[],
): Promise<void> {
  if (changes.length === 0) return
  await client.query(
    `insert into device_change (account, device_key, change, detail)
     select $1, key, change, detail::jsonb from unnest($2::text[], $3::text[], $4::text[]) as row (key, change, detail)`,
    [
      account,
      textArray(changes.map(({ key }) => key)),
      textArray(changes.map(({ change }) => change)),
      textArray(changes.map(({ detail }) => jsonText(detail))),
    ],
  )
}

/** Newest first. */
export async function listDeviceChanges(pool: Pool, key: string, limit: number): Promise<DeviceChange[]> {
  const { rows } = await pool.query<DeviceChange>(
    `select (extract(epoch from at) * 1000)::double precision as "atMs", account, change, detail
     from device_change where device_key = $1 order by id desc limit $2`,
    [key, limit],
  )
  return rows
}
