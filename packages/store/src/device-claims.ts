import type { Pool, PoolClient } from 'pg'
import { plainArray, textArray } from './array-literal.ts'

/** Code of the asset or keeper that has each of these device keys. */
export async function findDeviceOwners(
  pool: Pool,
  keys: readonly string[],
): Promise<Map<string, DeviceOwner>> {
  const { rows } = await pool.query<{ key: string } & DeviceOwner>(
    `select device.key, asset.code as "assetCode", keeper.code as "keeperCode"
     from device left join asset on asset.id = device.asset_id left join keeper on keeper.id = device.keeper_id
     where device.key = any($1::text[])`,
    [textArray(keys)],
  )
  return new Map(rows.map(({ key, assetCode, keeperCode }) => [key, { assetCode, keeperCode }]))
}
export interface DeviceOwner {
  readonly assetCode: string | null
  readonly keeperCode: string | null
}

export interface DeviceClaim {
  readonly code: string
  /** Null: no device. */
  readonly deviceKey: string | null
  /** The file says it: it takes the place of others. Otherwise it is for those without any device. */
  readonly isDeviceExplicit: boolean
}
/** Answers the codes of those whose devices changed. A key that another one has by now is left with him. */
export async function assignDevices(
  client: PoolClient,
  owner: 'asset' | 'keeper',
  rows: readonly DeviceClaim[],
): Promise<Set<string>> {
  const claims = rows.filter((row) => row.deviceKey !== null)
  const explicit = claims.filter((row) => row.isDeviceExplicit)
  const values = (from: readonly DeviceClaim[]) => [
    textArray(from.map((row) => row.code)),
    textArray(from.map((row) => row.deviceKey)),
  ]
  const taken = await client.query<{ code: string }>(
    `delete from device using unnest($1::text[], $2::text[]) as row (code, device_key), ${owner} owner
     where owner.code = row.code and device.${owner}_id = owner.id and device.key <> row.device_key returning owner.code`,
    values(explicit),
  )
  const given = await client.query<{ code: string }>(
    `with given as (
       insert into device (key, ${owner}_id)
       select row.device_key, owner.id
       from unnest($1::text[], $2::text[], $3::boolean[]) as row (code, device_key, is_explicit)
       join ${owner} owner on owner.code = row.code
       where row.is_explicit or not exists (select from device where device.${owner}_id = owner.id)
       on conflict (key) do nothing returning ${owner}_id)
     select owner.code from given join ${owner} owner on owner.id = given.${owner}_id`,
    [...values(claims), plainArray(claims.map((row) => row.isDeviceExplicit))],
  )
  return new Set([...taken.rows, ...given.rows].map(({ code }) => code))
}
