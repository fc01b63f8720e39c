import type { Device } from '@gridkeeper/contracts'
import type { Pool, PoolClient } from 'pg'
import { recordDeviceChanges } from './device-changes.ts'
import { inTransaction } from './pool.ts'

/**
 * What people do with devices. Each function that changes something is one transaction with its line in the audit trail, sets `changed_at`, and answers an
 * expected refusal as a value. No hash of a secret ever leaves here.
 */
export const deviceFields = `device.key, device.protocol, device.state, asset.code as "assetCode", keeper.code as "keeperCode", device.via,
  case when device.secret_hash is null then null when device.secret_hash like 'sha256$%' then 'token' else 'password' end as secret,
  status.online, (extract(epoch from status.received_at) * 1000)::double precision as "statusAtMs",
  (extract(epoch from device.created_at) * 1000)::double precision as "createdAtMs",
  (extract(epoch from device.changed_at) * 1000)::double precision as "changedAtMs"`

export const deviceJoins = `device left join asset on asset.id = device.asset_id left join keeper on keeper.id = device.keeper_id
  left join device_status status on status.device_key = device.key`

/** What is left out does not restrict. */
export interface DeviceFilter {
  /** Part of the key, of the login it is via, or of the code or name of its asset or keeper. */
  readonly text?: string | undefined
  readonly state?: Device['state'] | undefined
  readonly via?: string | undefined
  readonly owner?: 'asset' | 'keeper' | 'none' | undefined
  /** Whether it can log in at all: by itself or via another. */
  readonly canLogIn?: boolean | undefined
}

const matches = `($1::text is null or strpos(lower(concat_ws(' ', device.key, device.via, asset.code, asset.name, keeper.code, keeper.name)), $1) > 0)
  and ($2::text is null or device.state = $2) and ($3::text is null or device.via = $3)
  and ($4::text is null or case when device.asset_id is not null then 'asset' when device.keeper_id is not null then 'keeper' else 'none' end = $4)
  and ($5::boolean is null or (device.secret_hash is not null or device.via is not null) = $5)`

const filterValues = ({ text, state, via, owner, canLogIn }: DeviceFilter) => [
  text?.toLowerCase() ?? null,
  state ?? null,
  via ?? null,
  owner ?? null,
  canLogIn ?? null,
]

/** By key, those after the given one. */
export async function listDevices(
  pool: Pool,
  filter: DeviceFilter,
  limit: number,
  after: string | null = null,
): Promise<Device[]> {
  const { rows } = await pool.query<Device>(
    `select ${deviceFields} from ${deviceJoins}
     where ${matches} and ($6::text is null or device.key > $6) order by device.key limit $7`,
    [...filterValues(filter), after, limit],
  )
  return rows
}

export async function countDevices(pool: Pool, filter: DeviceFilter): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::double precision as count from ${deviceJoins} where ${matches}`,
    filterValues(filter),
  )
  return rows[0]?.count ?? 0
}

export async function findDevice(pool: Pool | PoolClient, key: string): Promise<Device | null> {
  const { rows } = await pool.query<Device>(
    `select ${deviceFields} from ${deviceJoins} where device.key = $1`,
    [key],
  )
  return rows[0] ?? null
}

/** Keys that are via this login. */
export async function listVia(pool: Pool, login: string, limit: number): Promise<string[]> {
  const { rows } = await pool.query<{ key: string }>(
    'select key from device where via = $1 order by key limit $2',
    [login, limit],
  )
  return rows.map(({ key }) => key)
}

/** Null or absent in both: nobody's. */
export interface OwnerCodes {
  readonly assetCode?: string | null | undefined
  readonly keeperCode?: string | null | undefined
}
export interface OwnerIds {
  readonly assetId: number | null
  readonly keeperId: number | null
}
export type OwnerProblem = 'unknown-asset' | 'unknown-keeper'

export async function findOwner(
  client: PoolClient,
  { assetCode, keeperCode }: OwnerCodes,
): Promise<OwnerIds | OwnerProblem> {
  const { rows } = await client.query<OwnerIds>(
    `select (select id from asset where code = $1) as "assetId", (select id from keeper where code = $2) as "keeperId"`,
    [assetCode ?? null, keeperCode ?? null],
  )
  const ids = rows[0] ?? { assetId: null, keeperId: null }
  if (typeof assetCode === 'string' && ids.assetId === null) return 'unknown-asset'
  if (typeof keeperCode === 'string' && ids.keeperId === null) return 'unknown-keeper'
  return ids
}

/** What is left out stays as it is. */
export interface DeviceWish extends OwnerCodes {
  readonly protocol?: string | undefined
  readonly via?: string | null | undefined
}
export type Put = 'created' | 'changed' | 'unchanged'
export type PutProblem = OwnerProblem | 'unknown-login' | 'own-login'

/** Makes the device or changes it. Without an owner it is a login. */
export const putDevice = (
  pool: Pool,
  account: string,
  key: string,
  wish: DeviceWish,
): Promise<Put | PutProblem> =>
  inTransaction(pool, async (client) => {
    const owner = await findOwner(client, wish)
    if (typeof owner === 'string') return owner
    if (wish.via === key) return 'own-login'
    if (typeof wish.via === 'string' && (await findDevice(client, wish.via)) === null) return 'unknown-login'
    const { rows } = await client.query<{ is_new: boolean }>(
      `insert into device (key, asset_id, keeper_id, protocol, via) values ($1, $2, $3, coalesce($4, 'native'), $5)
       on conflict (key) do update set asset_id = case when $6 then excluded.asset_id else device.asset_id end,
         keeper_id = case when $6 then excluded.keeper_id else device.keeper_id end,
         protocol = coalesce($4, device.protocol), via = case when $7 then excluded.via else device.via end, changed_at = now()
       where $6 and (device.asset_id, device.keeper_id) is distinct from (excluded.asset_id, excluded.keeper_id)
         or device.protocol <> coalesce($4, device.protocol) or $7 and device.via is distinct from excluded.via
       returning xmax = 0 as is_new`,
      [
        key,
        owner.assetId,
        owner.keeperId,
        wish.protocol ?? null,
        wish.via ?? null,
        wish.assetCode !== undefined || wish.keeperCode !== undefined,
        wish.via !== undefined,
      ],
    )
    const [row] = rows
    if (row === undefined) return 'unchanged'
    const change = row.is_new ? 'created' : 'changed'
    await recordDeviceChanges(client, account, [{ key, change, detail: { ...wish } }])
    return change
  })

export type Alteration = 'changed' | 'unchanged' | 'unknown'

/** Sets, rotates or (null) removes the secret. A token is the name, too, so no two devices may have the same one. */
export const setDeviceSecret = (
  pool: Pool,
  account: string,
  key: string,
  secretHash: string | null,
): Promise<Alteration | 'token-taken'> =>
  inTransaction(pool, async (client) => {
    if (secretHash !== null && (await isTokenTaken(client, key, secretHash))) return 'token-taken'
    const change = secretHash === null ? 'secret-removed' : 'secret-set'
    const found = await alter(client, key, 'secret_hash', secretHash)
    if (found === 'changed') await recordDeviceChanges(client, account, [{ key, change }])
    return found
  })

/** Scrypt hashes are salted: of those no two are alike. */
export async function isTokenTaken(client: PoolClient, key: string, secretHash: string): Promise<boolean> {
  const { rows } = await client.query(
    `select from device where secret_hash like 'sha256$%' and secret_hash = $2 and key <> $1`,
    [key, secretHash],
  )
  return rows.length > 0
}

/** A revoked device is not heard, neither by itself nor via another; as a login it is not let in. */
export const setDeviceState = (
  pool: Pool,
  account: string,
  key: string,
  state: Device['state'],
): Promise<Alteration> =>
  inTransaction(pool, async (client) => {
    const found = await alter(client, key, 'state', state)
    const change = state === 'revoked' ? 'revoked' : 'reinstated'
    if (found === 'changed') await recordDeviceChanges(client, account, [{ key, change }])
    return found
  })

async function alter(
  client: PoolClient,
  key: string,
  column: 'secret_hash' | 'state',
  value: string | null,
): Promise<Alteration> {
  const { rows } = await client.query<{ is_changed: boolean }>(
    `with altered as (
       update device set ${column} = $2, changed_at = now() where key = $1 and ${column} is distinct from $2 returning 1)
     select exists (select from altered) as is_changed from device where key = $1`,
    [key, value],
  )
  const [row] = rows
  if (row === undefined) return 'unknown'
  return row.is_changed ? 'changed' : 'unchanged'
}
