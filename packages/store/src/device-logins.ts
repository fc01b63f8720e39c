import type { Pool } from 'pg'

/** Who made the change, in the audit trail: nobody who could be named. */
const openRegistration = 'open registration'

/**
 * Open registration: a key that nobody has gets this secret, and so does one that nobody could speak for until now. Changes nothing else; read the device again
 * to learn what counts, since another gateway may have been first.
 */
export async function registerLogin(pool: Pool, key: string, secretHash: string): Promise<void> {
  await pool.query(
    `with registered as (
       insert into device (key, secret_hash) values ($1, $2)
       on conflict (key) do update set secret_hash = excluded.secret_hash, changed_at = now()
         where device.secret_hash is null and device.via is null and device.state = 'active'
       returning key)
     insert into device_change (device_key, account, change) select key, $3, 'registered' from registered`,
    [key, secretHash, openRegistration],
  )
}
