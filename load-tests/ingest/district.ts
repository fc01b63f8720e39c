import { deviceTopic } from '@gridkeeper/contracts'
import { kinds } from '@gridkeeper/domain'
import { hashSecret, makeSecret, migrate, readingTable, type ReadingRow } from '@gridkeeper/store'
import type pg from 'pg'

/** Meters that all speak through one login, as behind a concentrator: the same rows for every way of writing that is measured. */
const found = kinds.find(({ key }) => key === 'meter')
if (found === undefined) throw new Error('there is no kind named meter')
export const meter = found
export const table = readingTable(meter)

export interface Login {
  readonly name: string
  readonly secret: string
}

const login = 'bench'
export const keyOf = (assetId: number) => `${login}-${assetId}`
export const topicOf = (assetId: number) => deviceTopic(keyOf(assetId), 'readings')

/** The schema, and meters with the ids 1 to `count`. */
export async function makeDistrict(pool: pg.Pool, count: number): Promise<Login> {
  await migrate(pool)
  const secret = makeSecret()
  await pool.query(
    `insert into asset (id, code, name, kind, lon, lat) overriding system value
     select n, 'B-' || n, 'meter ' || n, 'meter', 113.3 + n % 100 / 1000.0, 30.1 + n / 100 / 1000.0 from generate_series(1, $1) n`,
    [count],
  )
  await pool.query('insert into device (key, secret_hash) values ($1, $2)', [login, await hashSecret(secret)])
  await pool.query(
    `insert into device (key, asset_id, via) select $2 || '-' || n, n, $2 from generate_series(1, $1) n`,
    [count, login],
  )
  return { name: login, secret }
}

/** An empty table, with nothing left to write by a checkpoint: every round begins alike. */
export async function beginAlike(pool: pg.Pool): Promise<void> {
  await pool.query(`truncate ${table}, asset_state, alarm`)
  await pool.query('checkpoint')
}

export async function countRows(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ count: string }>(`select count(*) from ${table}`)
  return Number(rows[0]?.count)
}

/** All metrics of a three-phase meter, within the limits of its alarm rules; `turn` grows with each message of the district. */
export function sayValues(assetId: number, turn: number): number[] {
  const vary = (base: number, spread: number, decimals: number, salt: number) => {
    const part = ((assetId * 7_919 + turn * 104_729 + salt * 1_299_709) % 10_007) / 10_007
    return Number((base + spread * (part - 0.5)).toFixed(decimals))
  }
  return [
    vary(221, 20, 1, 1),
    vary(221, 20, 1, 2),
    vary(221, 20, 1, 3),
    vary(20, 36, 2, 4),
    vary(20, 36, 2, 5),
    vary(20, 36, 2, 6),
    vary(8, 14, 3, 7),
    vary(2, 3, 3, 8),
    vary(0.9, 0.19, 3, 9),
    vary(50, 0.1, 2, 10),
    kwhOf(turn),
  ]
}

/** Eight digits and two decimals: no two messages of the district are the same. */
export const kwhOf = (turn: number) => (10_000_000_00 + (turn % 80_000_000_00)) / 100

export type Draft = { -readonly [Key in keyof ReadingRow]: ReadingRow[Key] }

export const draftRow = (assetId: number, turn: number): Draft => ({
  deviceKey: keyOf(assetId),
  assetId,
  kind: meter,
  timeMs: 0,
  messageId: 0n,
  receivedAtMs: 0,
  flags: 0,
  claimedMs: null,
  values: sayValues(assetId, turn),
  extra: null,
})
