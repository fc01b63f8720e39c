import type { Alarm } from '@gridkeeper/contracts'
import type { Pool } from 'pg'
import { alarmFields } from './append-batch.ts'
import { toAlarm, type AlarmRow } from './twin-states.ts'

export interface AssetRecord {
  readonly deviceKeys: string[]
  readonly attributes: Record<string, unknown>
  readonly timeMs: number | null
  readonly receivedAtMs: number | null
  readonly values: Record<string, number | boolean>
  readonly flags: number
}

/** What the catalogue does not hold of one asset; null if there is no such asset. */
export async function findAsset(pool: Pool, id: number): Promise<AssetRecord | null> {
  const { rows } = await pool.query<AssetRecord>(
    `select array(select key from device where asset_id = asset.id order by key) as "deviceKeys", asset.attributes,
       (extract(epoch from state.time) * 1000)::double precision as "timeMs",
       (extract(epoch from state.received_at) * 1000)::double precision as "receivedAtMs",
       coalesce(state."values", '{}') as "values", coalesce(state.flags, 0) as flags
     from asset left join asset_state state on state.asset_id = asset.id where asset.id = $1`,
    [id],
  )
  return rows[0] ?? null
}

export async function listOpenAlarmsOf(pool: Pool, assetId: number): Promise<Alarm[]> {
  const { rows } = await pool.query<AlarmRow>(
    `select ${alarmFields} from alarm where asset_id = $1 and cleared_at is null order by raised_at desc`,
    [assetId],
  )
  return rows.map(toAlarm)
}

export interface KeeperRecord {
  readonly phone: string | null
}

export async function findKeeper(pool: Pool, id: number): Promise<KeeperRecord | null> {
  const { rows } = await pool.query<KeeperRecord>('select phone from keeper where id = $1', [id])
  return rows[0] ?? null
}
