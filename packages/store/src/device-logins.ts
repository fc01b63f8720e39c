import type { Pool } from 'pg'

/**
 * Open registration: a key that nobody has gets this secret, and so does one that nobody could speak for until now. Changes nothing else; read the device again
 * to learn what counts, since another gateway may have been first.
 */
export async function registerLogin(pool: Pool, key: string, secretHash: string): Promise<void> {
  await pool.query(
    `insert into device (key, secret_hash) values ($1, $2)
     on conflict (key) do update set secret_hash = excluded.secret_hash, changed_at = now()
       where device.secret_hash is null and device.via is null and device.state = 'active'`,
    [key, secretHash],
  )
}
