import type { Stranger } from '@gridkeeper/contracts'
import type { Pool, PoolClient } from 'pg'
import { plainArray, textArray, timestamp } from './array-literal.ts'
import type { StrangerRow } from './batch.ts'

/** At most so many unknown speakers are kept; beyond that new ones are not, and only their dead letters tell of them. */
export const maxQuarantine = 1_000

/** At most so many bytes of what a stranger said last. */
export const keptSampleBytes = 1_024

interface Heard {
  readonly row: StrangerRow
  readonly messages: number
}

/** Each (key, login) has one row, with what it said last and how often it was heard. Of what it presents the newest counts. */
export async function hearStrangers(client: PoolClient, rows: readonly StrangerRow[]): Promise<void> {
  if (rows.length === 0) return
  const heard = [...byName(rows).values()]
  const column = <Cell>(cell: (one: Heard) => Cell) => heard.map(cell)
  await client.query(
    `insert into quarantine (key, login, secret_hash, protocol, source, address, topic, sample, messages, first_seen, last_seen)
     select key, login, secret_hash, protocol, source, address, topic, sample::bytea, messages, ${timestamp('heard')}, ${timestamp('heard')}
     from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[], $10::double precision[])
       as row (key, login, secret_hash, protocol, source, address, topic, sample, messages, heard)
     where (select count(*) from quarantine) < $11
       or exists (select from quarantine known where known.key = row.key and known.login = row.login)
     on conflict (key, login) do update set secret_hash = coalesce(excluded.secret_hash, quarantine.secret_hash),
       protocol = excluded.protocol, source = excluded.source, address = excluded.address, topic = excluded.topic,
       sample = excluded.sample, messages = quarantine.messages + excluded.messages, last_seen = excluded.last_seen`,
    [
      textArray(column(({ row }) => row.key)),
      textArray(column(({ row }) => row.login)),
      textArray(column(({ row }) => row.secretHash)),
      textArray(column(({ row }) => row.protocol)),
      textArray(column(({ row }) => row.source)),
      textArray(column(({ row }) => row.address)),
      textArray(column(({ row }) => row.topic)),
      textArray(
        column(({ row }) => `\\x${Buffer.from(row.sample.subarray(0, keptSampleBytes)).toString('hex')}`),
      ),
      plainArray(column(({ messages }) => messages)),
      plainArray(column(({ row }) => row.heardAtMs)),
      maxQuarantine,
    ],
  )
}

/** An upsert cannot touch the same row twice. */
function byName(rows: readonly StrangerRow[]): Map<string, Heard> {
  const heard = new Map<string, Heard>()
  for (const row of rows) {
    const name = `${row.key} ${row.login}`
    heard.set(name, { row, messages: (heard.get(name)?.messages ?? 0) + 1 })
  }
  return heard
}

/** Newest first. The sample is text; bytes that are none are shown as U+FFFD. */
export async function listStrangers(pool: Pool, limit: number): Promise<Stranger[]> {
  const { rows } = await pool.query<Omit<Stranger, 'sample'> & { sample: Buffer }>(
    `select quarantine.key, login, quarantine.secret_hash is not null as "hasSecret", device.key is not null as "isRegistered",
       asset.code as "assetCode", keeper.code as "keeperCode", quarantine.protocol, source, address, topic, sample,
       messages::double precision as messages, (extract(epoch from first_seen) * 1000)::double precision as "firstSeenMs",
       (extract(epoch from last_seen) * 1000)::double precision as "lastSeenMs"
     from quarantine left join device on device.key = quarantine.key
       left join asset on asset.id = device.asset_id left join keeper on keeper.id = device.keeper_id
     order by last_seen desc, quarantine.key, login limit $1`,
    [limit],
  )
  return rows.map((row) => ({ ...row, sample: row.sample.toString('utf8') }))
}

export async function countStrangers(pool: Pool): Promise<{ total: number; messages: number }> {
  const { rows } = await pool.query<{ total: number; messages: number }>(
    `select count(*)::double precision as total, coalesce(sum(messages), 0)::double precision as messages from quarantine`,
  )
  return rows[0] ?? { total: 0, messages: 0 }
}

/** Without a login: all that speak under this key. Who speaks again is there again. Answers how many were there. */
export async function discardStranger(pool: Pool, key: string, login: string | null): Promise<number> {
  const { rowCount } = await pool.query(
    'delete from quarantine where key = $1 and ($2::text is null or login = $2)',
    [key, login],
  )
  return rowCount ?? 0
}
