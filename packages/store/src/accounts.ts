import type { Account } from '@gridkeeper/contracts'
import type { Pool } from 'pg'

export interface StoredAccount extends Account {
  readonly id: number
  readonly passwordHash: string
}

const fields = 'id, name, role, grid_id as "gridId", password_hash as "passwordHash"'

export async function findAccountByName(pool: Pool, name: string): Promise<StoredAccount | null> {
  const { rows } = await pool.query<StoredAccount>(`select ${fields} from account where name = $1`, [name])
  return rows[0] ?? null
}

export async function findAccountById(pool: Pool, id: number): Promise<StoredAccount | null> {
  const { rows } = await pool.query<StoredAccount>(`select ${fields} from account where id = $1`, [id])
  return rows[0] ?? null
}

export async function hasAccounts(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ found: boolean }>('select exists (select from account) as found')
  return rows[0]?.found === true
}

/** Makes the account with the role `admin`, or gives it another password; its sessions under the old one end. */
export async function setAdminPassword(pool: Pool, name: string, passwordHash: string): Promise<void> {
  await pool.query(
    `insert into account (name, password_hash, role) values ($1, $2, 'admin')
     on conflict (name) do update set password_hash = excluded.password_hash`,
    [name, passwordHash],
  )
}

/** Written before the track is read, so that no look goes unlogged. */
export async function logTrackAccess(
  pool: Pool,
  access: { account: string; keeperId: number; fromMs: number; toMs: number; purpose: string },
): Promise<void> {
  await pool.query(
    `insert into track_access (account, keeper_id, from_time, to_time, purpose)
     values ($1, $2, to_timestamp($3::double precision / 1000), to_timestamp($4::double precision / 1000), $5)`,
    [access.account, access.keeperId, access.fromMs, access.toMs, access.purpose],
  )
}
