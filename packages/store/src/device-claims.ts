import type { Pool, PoolClient } from 'pg'
import { plainArray, textArray } from './array-literal.ts'
import { recordDeviceChanges, type NewDeviceChange } from './device-changes.ts'

/** Code of the asset or keeper that has each of these device keys (both null: a login), and how it logs in, to compare with. */
export async function findDeviceOwners(
  pool: Pool,
  keys: readonly string[],
): Promise<Map<string, DeviceOwner>> {
  const { rows } = await pool.query<{ key: string } & DeviceOwner>(
    `select device.key, asset.code as "assetCode", keeper.code as "keeperCode", device.secret_hash as "secretHash"
     from device left join asset on asset.id = device.asset_id left join keeper on keeper.id = device.keeper_id
     where device.key = any($1::text[])`,
    [textArray(keys)],
  )
  return new Map(rows.map(({ key, ...owner }) => [key, owner]))
}
export interface DeviceOwner {
  readonly assetCode: string | null
  readonly keeperCode: string | null
  readonly secretHash: string | null
}

/** One device of each of these assets or keepers that have any. */
export async function findDeviceOf(
  pool: Pool,
  owner: 'asset' | 'keeper',
  codes: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await pool.query<{ code: string; key: string }>(
    `select owner.code, min(device.key) as key from device join ${owner} owner on owner.id = device.${owner}_id
     where owner.code = any($1::text[]) group by owner.code`,
    [textArray(codes)],
  )
  return new Map(rows.map(({ code, key }) => [code, key]))
}

export interface DeviceClaim {
  readonly code: string
  /** Null: no device. */
  readonly deviceKey: string | null
  /** The file says it: it takes the place of others. Otherwise it is for those without any device. */
  readonly isDeviceExplicit: boolean
  /** Null in the following: the file says nothing of it, and what is there stays. */
  readonly secretHash: string | null
  readonly via: string | null
  readonly protocol: string | null
}

const parameters = `$1::text[], $2::text[], $3::boolean[], $4::text[], $5::text[], $6::text[]`
const columns = 'code, device_key, is_explicit, secret_hash, via, protocol'

const valuesOf = (claims: readonly DeviceClaim[]) => [
  textArray(claims.map((row) => row.code)),
  textArray(claims.map((row) => row.deviceKey)),
  plainArray(claims.map((row) => row.isDeviceExplicit)),
  textArray(claims.map((row) => row.secretHash)),
  textArray(claims.map((row) => row.via)),
  textArray(claims.map((row) => row.protocol)),
]

/**
 * Answers the codes of those whose devices changed. A key that another one has by now is left with him; one that nobody has (a login) is bound. The logins
 * that the claims name are made without a secret where they are missing.
 */
export async function assignDevices(
  client: PoolClient,
  account: string,
  owner: 'asset' | 'keeper',
  rows: readonly DeviceClaim[],
): Promise<Set<string>> {
  const claims = rows.filter((row) => row.deviceKey !== null)
  const replaced = await dropReplaced(
    client,
    owner,
    claims.filter((row) => row.isDeviceExplicit),
  )
  const given = await giveDevices(client, owner, claims)
  const changed = await changeDevices(client, owner, claims)
  const logins = await makeLogins(client, claims)
  const line = (change: NewDeviceChange['change']) => (row: Assigned) => ({
    key: row.key,
    change,
    detail: { code: row.code },
  })
  await recordDeviceChanges(client, account, [
    ...replaced.map(line('replaced')),
    ...[...given, ...changed].map(line('imported')),
    ...logins.map((key): NewDeviceChange => ({ key, change: 'imported' })),
  ])
  return new Set([...replaced, ...given, ...changed].map(({ code }) => code))
}

interface Assigned {
  readonly code: string
  readonly key: string
}

async function dropReplaced(client: PoolClient, owner: string, explicit: readonly DeviceClaim[]) {
  const { rows } = await client.query<Assigned>(
    `delete from device using unnest($1::text[], $2::text[]) as row (code, device_key), ${owner} owner
     where owner.code = row.code and device.${owner}_id = owner.id and device.key <> row.device_key
     returning owner.code, device.key`,
    valuesOf(explicit).slice(0, 2),
  )
  return rows
}

async function giveDevices(client: PoolClient, owner: string, claims: readonly DeviceClaim[]) {
  const { rows } = await client.query<Assigned>(
    `with given as (
       insert into device (key, ${owner}_id, secret_hash, via, protocol)
       select row.device_key, owner.id, row.secret_hash, row.via, coalesce(row.protocol, 'native')
       from unnest(${parameters}) as row (${columns}) join ${owner} owner on owner.code = row.code
       where row.is_explicit or not exists (select from device where device.${owner}_id = owner.id)
       on conflict (key) do update set ${owner}_id = excluded.${owner}_id, changed_at = now()
       where device.asset_id is null and device.keeper_id is null
       returning key, ${owner}_id as owner_id)
     select owner.code, given.key from given join ${owner} owner on owner.id = given.owner_id`,
    valuesOf(claims),
  )
  return rows
}

/** Of the devices that are there, what the file says differently. */
async function changeDevices(client: PoolClient, owner: string, claims: readonly DeviceClaim[]) {
  const named = claims.filter((row) => row.secretHash !== null || row.via !== null || row.protocol !== null)
  if (named.length === 0) return []
  const { rows } = await client.query<Assigned>(
    `update device set secret_hash = coalesce(row.secret_hash, device.secret_hash), via = coalesce(row.via, device.via),
       protocol = coalesce(row.protocol, device.protocol), changed_at = now()
     from unnest(${parameters}) as row (${columns}) join ${owner} owner on owner.code = row.code
     where device.key = row.device_key and device.${owner}_id = owner.id
       and (device.secret_hash is distinct from coalesce(row.secret_hash, device.secret_hash)
         or device.via is distinct from coalesce(row.via, device.via) or device.protocol <> coalesce(row.protocol, device.protocol))
     returning owner.code, device.key`,
    valuesOf(named),
  )
  return rows
}

async function makeLogins(client: PoolClient, claims: readonly DeviceClaim[]): Promise<string[]> {
  const logins = new Set(claims.flatMap(({ via }) => via ?? []))
  if (logins.size === 0) return []
  const { rows } = await client.query<{ key: string }>(
    'insert into device (key) select unnest($1::text[]) on conflict (key) do nothing returning key',
    [textArray(logins)],
  )
  return rows.map(({ key }) => key)
}
