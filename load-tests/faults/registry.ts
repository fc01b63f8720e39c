import { hashSecret, migrate, openStore } from '@gridkeeper/store'
import pg from 'pg'
import type { Device } from './ledger.ts'
import type { StoredDevice } from './oracle.ts'

/** The login that speaks for the bench's devices, as a concentrator does for the meters behind it. */
export const login = { name: 'faults', secret: 'the secret of the fault bench' } as const

export interface RegisterOptions {
  /** Each device logs in by itself, with {@link login}'s secret under a hash of its own, as devices in the field do. */
  readonly ownLogins?: boolean
}

/** The schema, the login, and an asset or a keeper behind each device. */
export async function register(
  databaseUrl: string,
  devices: readonly Device[],
  { ownLogins = false }: RegisterOptions = {},
): Promise<void> {
  const store = await openStore({ url: databaseUrl, applicationName: 'faults', maxConnections: 1 })
  try {
    await migrate(store.pool)
    await store.pool.query('insert into device (key, secret_hash) values ($1, $2)', [
      login.name,
      await hashSecret(login.secret),
    ])
    const secrets = new Map<string, string>()
    if (ownLogins)
      await Promise.all(devices.map(async ({ key }) => secrets.set(key, await hashSecret(login.secret))))
    const keysOf = (isKeeper: boolean) =>
      devices.filter(({ stream }) => (stream === 'fixes') === isKeeper).map(({ key }) => key)
    const hashesOf = (keys: readonly string[]) => keys.map((key) => secrets.get(key) ?? null)
    const via = ownLogins ? null : login.name
    const meters = keysOf(false)
    await store.pool.query(
      `with given as (select * from unnest($1::text[], $2::text[]) as given (key, secret)),
         added as (insert into asset (code, name, kind, lon, lat) select key, key, 'meter', 113.3, 30.1 from given returning id, code)
       insert into device (key, asset_id, secret_hash, via) select code, added.id, secret, $3::text from added join given on key = code`,
      [meters, hashesOf(meters), via],
    )
    const handhelds = keysOf(true)
    await store.pool.query(
      `with given as (select * from unnest($1::text[], $2::text[]) as given (key, secret)),
         added as (insert into keeper (code, name, post) select key, key, 'keeper' from given returning id, code)
       insert into device (key, keeper_id, secret_hash, via) select code, added.id, secret, $3::text from added join given on key = code`,
      [handhelds, hashesOf(handhelds), via],
    )
  } finally {
    await store.close()
  }
}

/** Device by device: the numbers of its rows, and how many rows say something else than the bench sent under that number. */
const statements = {
  readings: `select d.key, array_agg(r.message_id::text) as numbers, count(*) filter (where r.kwh is distinct from r.message_id)::int as altered
    from device d join reading_meter r using (asset_id) where d.key = any($1::text[]) group by d.key`,
  fixes: `select d.key, array_agg(r.message_id::text) as numbers, count(*) filter (where r.alt_m is distinct from r.message_id::real)::int as altered
    from device d join fix r using (keeper_id) where d.key = any($1::text[]) group by d.key`,
  events: `select r.device_key as key, array_agg(r.message_id::text) as numbers,
      count(*) filter (where (r.data ->> 'n')::bigint is distinct from r.message_id)::int as altered
    from device_event r where r.device_key = any($1::text[]) group by r.device_key`,
} as const

const devicesAtOnce = 100

export async function readStored(
  databaseUrl: string,
  devices: readonly Device[],
): Promise<Map<string, StoredDevice>> {
  const stored = new Map<string, StoredDevice>()
  await withClient(databaseUrl, async (client) => {
    // One instant for all of it, whatever still comes in.
    await client.query('begin isolation level repeatable read read only')
    for (const stream of ['readings', 'fixes', 'events'] as const) {
      const keys = devices.filter((device) => device.stream === stream).map(({ key }) => key)
      for (let start = 0; start < keys.length; start += devicesAtOnce) {
        const { rows } = await client.query<{ key: string; numbers: string[]; altered: number }>(
          statements[stream],
          [keys.slice(start, start + devicesAtOnce)],
        )
        for (const { key, numbers, altered } of rows)
          stored.set(key, { numbers: numbers.map(Number), altered })
      }
    }
    // What came to the tables under nobody's name of ours.
    const { rows } = await client.query<{ n: number }>(
      `select ((select count(*) from reading_meter) + (select count(*) from fix) + (select count(*) from device_event))::int as n`,
    )
    const known = [...stored.values()].reduce((sum, { numbers }) => sum + numbers.length, 0)
    const others = (rows[0]?.n ?? 0) - known
    if (others > 0) stored.set('(others)', { numbers: Array.from({ length: others }, () => 0), altered: 0 })
  })
  return stored
}

export async function withClient<T>(
  databaseUrl: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
