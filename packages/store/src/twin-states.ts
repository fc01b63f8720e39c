import type { Alarm, KeeperChange } from '@gridkeeper/contracts'
import { kinds } from '@gridkeeper/domain'
import type { Pool } from 'pg'
import { alarmFields, toStoredAlarm } from './append-batch.ts'

/** The present state of everything, as the twin starts from it. Times are UTC ms. */
export interface StoredAssetState {
  readonly id: number
  readonly timeMs: number
  readonly receivedAtMs: number
  /** Value of the kind's headline metric, booleans as 0 and 1; null if it was never said. */
  readonly headline: number | null
  readonly flags: number
}
export interface StoredKeeperState extends Omit<KeeperChange, 'state' | 'timeMs'> {
  readonly timeMs: number
  readonly receivedAtMs: number
}
export interface StoredStates {
  readonly assets: readonly StoredAssetState[]
  readonly keepers: readonly StoredKeeperState[]
  readonly openAlarms: readonly Alarm[]
}

const milliseconds = (column: string) => `(extract(epoch from ${column}) * 1000)::double precision`

/**
 * Statement by statement, without one transaction around them: on the embedded engine that would hold up every writer. What commits in between
 * reaches the twin as a frame, too.
 */
export async function loadStates(pool: Pool): Promise<StoredStates> {
  const assets = await pool.query<StoredAssetState>(
    `select state.asset_id as id, ${milliseconds('state.time')} as "timeMs",
       ${milliseconds('state.received_at')} as "receivedAtMs", state.flags,
       case state."values" -> kind.headline when 'true'::jsonb then 1 when 'false'::jsonb then 0
         else (state."values" ->> kind.headline)::double precision end as headline
     from asset_state state join asset on asset.id = state.asset_id
     left join unnest($1::text[], $2::text[]) as kind (key, headline) on kind.key = asset.kind`,
    [kinds.map((kind) => kind.key), kinds.map((kind) => kind.headline)],
  )
  const keepers = await pool.query<StoredKeeperState>(
    `select keeper_id as id, ${milliseconds('time')} as "timeMs", ${milliseconds('received_at')} as "receivedAtMs", lon, lat,
       bearing_deg as "bearingDeg", speed_mps as "speedMps", accuracy_m as "accuracyM", battery_pct as "batteryPct"
     from keeper_state`,
  )
  const alarms = await pool.query<AlarmRow>(`select ${alarmFields} from alarm where cleared_at is null`)
  return { assets: assets.rows, keepers: keepers.rows, openAlarms: alarms.rows.map(toAlarm) }
}

export type AlarmRow = Parameters<typeof toStoredAlarm>[0]

/** The table's own check holds the severity to the three that there are. */
export const toAlarm = (row: AlarmRow): Alarm => toStoredAlarm(row) as Alarm
