import type { Device } from '@gridkeeper/contracts'
import type { Pool, PoolClient } from 'pg'
import {
  findDevice,
  findOwner,
  isTokenTaken,
  type OwnerCodes,
  type OwnerIds,
  type OwnerProblem,
} from './device-admin.ts'
import { recordDeviceChanges, type NewDeviceChange } from './device-changes.ts'
import { inTransaction } from './pool.ts'

export interface Adoption extends OwnerCodes {
  readonly key: string
  /** The name it came with; empty: none. */
  readonly login: string
  /** Hash of a secret that was made for it, in case that it presented none. */
  readonly spareHash: string
}

export type Adopted =
  | {
      readonly ok: true
      readonly device: Device
      /** The user name that it logs in with from now on. */
      readonly login: string
      readonly isSpareUsed: boolean
    }
  | {
      readonly ok: false
      readonly reason: 'not-in-quarantine' | OwnerProblem | 'key-taken' | 'token-taken' | 'revoked'
    }

interface Waiting {
  readonly secret_hash: string | null
  readonly protocol: string
}
interface Registered {
  readonly asset_id: number | null
  readonly keeper_id: number | null
  readonly secret_hash: string | null
  readonly via: string | null
  readonly state: Device['state']
}

/**
 * Makes a device of a stranger, in one transaction. Who speaks under its own name goes on with the secret that it presented. Who speaks for another name is made
 * a login with that secret, if it is none yet, and the device is via it. Who presented nothing gets a new secret: the login if it gave a name, otherwise
 * the device. Whatever has a way in already is never given another one by this: the stranger's word is older than that.
 */
export const adoptStranger = (pool: Pool, account: string, adoption: Adoption): Promise<Adopted> =>
  inTransaction(pool, async (client) => {
    const { key, spareHash } = adoption
    const refuse = (reason: Extract<Adopted, { ok: false }>['reason']): Adopted => ({ ok: false, reason })
    const waiting = await lockWaiting(client, adoption)
    if (waiting === null) return refuse('not-in-quarantine')
    const owner = await findOwner(client, adoption)
    if (typeof owner === 'string') return refuse(owner)
    const known = await lockDevice(client, key)
    if (known !== null && !isFree(known, owner)) return refuse('key-taken')
    const login = adoption.login === '' ? key : adoption.login
    const speaker = login === key ? known : await lockDevice(client, login)
    // Adopting what somebody has revoked would let it in again by the side door.
    if (known?.state === 'revoked' || speaker?.state === 'revoked') return refuse('revoked')
    const hash =
      speaker === null || (speaker.secret_hash === null && speaker.via === null)
        ? (waiting.secret_hash ?? spareHash)
        : null
    if (hash !== null && (await isTokenTaken(client, login, hash))) return refuse('token-taken')

    await upsertDevice(client, key, owner, waiting.protocol, login === key ? hash : null, login)
    const changes: NewDeviceChange[] = [{ key, change: 'adopted', detail: detailOf(adoption) }]
    if (login !== key && hash !== null) {
      await upsertDevice(client, login, nobody, waiting.protocol, hash, login)
      changes.push({ key: login, change: speaker === null ? 'created' : 'secret-set', detail: { for: key } })
    }
    await client.query('delete from quarantine where key = $1 and login = $2', [key, adoption.login])
    await recordDeviceChanges(client, account, changes)
    const device = await findDevice(client, key)
    if (device === null) throw new Error('an adopted device is not there')
    return { ok: true, device, login, isSpareUsed: hash === spareHash }
  })

const nobody: OwnerIds = { assetId: null, keeperId: null }

const detailOf = ({ login, assetCode, keeperCode }: Adoption) => ({
  login,
  ...(typeof assetCode === 'string' ? { assetCode } : {}),
  ...(typeof keeperCode === 'string' ? { keeperCode } : {}),
})

/** Registered for nobody else, and without a way in. */
function isFree(known: Registered, owner: OwnerIds): boolean {
  const hasWayIn = known.secret_hash !== null || known.via !== null
  const isOthers =
    (owner.assetId !== null || owner.keeperId !== null) &&
    (known.asset_id !== null || known.keeper_id !== null) &&
    (known.asset_id !== owner.assetId || known.keeper_id !== owner.keeperId)
  return !hasWayIn && !isOthers
}

async function lockWaiting(client: PoolClient, { key, login }: Adoption): Promise<Waiting | null> {
  const { rows } = await client.query<Waiting>(
    'select secret_hash, protocol from quarantine where key = $1 and login = $2 for update',
    [key, login],
  )
  return rows[0] ?? null
}

async function lockDevice(client: PoolClient, key: string): Promise<Registered | null> {
  const { rows } = await client.query<Registered>(
    'select asset_id, keeper_id, secret_hash, via, state from device where key = $1 for update',
    [key],
  )
  return rows[0] ?? null
}

/** An owner or a secret that is not given stays. */
async function upsertDevice(
  client: PoolClient,
  key: string,
  { assetId, keeperId }: OwnerIds,
  protocol: string,
  secretHash: string | null,
  login: string,
): Promise<void> {
  await client.query(
    `insert into device (key, asset_id, keeper_id, protocol, secret_hash, via) values ($1, $2, $3, $4, $5, $6)
     on conflict (key) do update set asset_id = coalesce(excluded.asset_id, device.asset_id),
       keeper_id = coalesce(excluded.keeper_id, device.keeper_id), protocol = excluded.protocol,
       secret_hash = coalesce(excluded.secret_hash, device.secret_hash), via = excluded.via, changed_at = now()`,
    [key, assetId, keeperId, protocol, secretHash, login === key ? null : login],
  )
}
