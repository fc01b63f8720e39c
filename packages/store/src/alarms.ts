import type { Alarm } from '@gridkeeper/contracts'
import type { Pool } from 'pg'
import { alarmFields } from './append-batch.ts'
import type { TimeRange } from './series.ts'
import { toAlarm, type AlarmRow } from './twin-states.ts'

export interface AlarmFilter {
  /** Null: all grids, and assets without one. */
  readonly gridIds: readonly number[] | null
  readonly onlyOpen: boolean
  /** By the time they were raised. */
  readonly range: TimeRange | null
}

/** Newest first. */
export async function listAlarms(pool: Pool, filter: AlarmFilter, limit: number): Promise<Alarm[]> {
  const { rows } = await pool.query<AlarmRow>(
    `select ${alarmFields} from alarm
     where ($1::int[] is null or asset_id in (select id from asset where grid_id = any($1)))
       and (not $2::boolean or cleared_at is null)
       and ($3::double precision is null or raised_at >= to_timestamp($3 / 1000))
       and ($4::double precision is null or raised_at < to_timestamp($4 / 1000))
     order by raised_at desc, id desc limit $5`,
    [filter.gridIds, filter.onlyOpen, filter.range?.fromMs ?? null, filter.range?.toMs ?? null, limit],
  )
  return rows.map(toAlarm)
}

export interface HourCount {
  readonly hourMs: number
  readonly severity: Alarm['severity']
  readonly count: number
}

/** Alarms by the hour they were raised in; hours without any are absent. */
export async function countAlarmsByHour(
  pool: Pool,
  gridIds: readonly number[] | null,
  range: TimeRange,
): Promise<HourCount[]> {
  const { rows } = await pool.query<HourCount>(
    `select (extract(epoch from time_bucket('1 hour', raised_at)) * 1000)::double precision as "hourMs", severity, count(*)::int as count
     from alarm
     where raised_at >= to_timestamp($2::double precision / 1000) and raised_at < to_timestamp($3::double precision / 1000)
       and ($1::int[] is null or asset_id in (select id from asset where grid_id = any($1)))
     group by 1, 2`,
    [gridIds, range.fromMs, range.toMs],
  )
  return rows
}
