import type { Kind } from '@gridkeeper/domain'
import { DatabaseError, type Pool, type PoolClient } from 'pg'
import { plainArray, textArray, timestamp } from './array-literal.ts'
import { appendRows, columnArray } from './append-rows.ts'
import type { AlarmClear, AlarmRaise, AppendResult, Batch, ReadingRow, StoredAlarm } from './batch.ts'
import { withoutKnownClaims } from './claims.ts'
import { hearStrangers } from './quarantine.ts'
import { inKnownTransaction, type AppendPath } from './pool.ts'
import { deadLetterColumns, eventTarget, fixTarget, readingTarget } from './targets.ts'
import { upsertAssetStates, upsertKeeperStates, upsertStatuses } from './present-state.ts'

/**
 * Writes a batch in one transaction. Idempotent: a message known by (asset, device time, message id) is skipped, present states only move forward in
 * device time, an alarm that is open stays one. After the promise resolves everything is committed; after it rejects nothing is, unless it rejects with
 * {@link OutcomeUnknown}.
 */
export async function appendBatch(pool: Pool, path: AppendPath, batch: Batch): Promise<AppendResult> {
  try {
    return await writeBatch(pool, path, batch)
  } catch (error) {
    if (path !== 'copy' || !isUniqueViolation(error)) throw error
    return writeBatch(pool, 'unnest', batch)
  }
}

const isUniqueViolation = (error: unknown) => error instanceof DatabaseError && error.code === '23505'

function writeBatch(pool: Pool, path: AppendPath, batch: Batch): Promise<AppendResult> {
  return inKnownTransaction(pool, async (client) => {
    const heard = await withoutKnownClaims(client, batch)
    let readings = 0
    for (const [kind, rows] of groupByKind(heard.readings))
      readings += await appendRows(client, path, readingTarget(kind), rows)
    const fixes = await appendRows(client, path, fixTarget, heard.fixes)
    const events = await appendRows(client, path, eventTarget, heard.events)
    const judged = await batch.judge(heard.readings, heard.fixes, client)
    await upsertAssetStates(client, judged.presentReadings)
    await upsertKeeperStates(client, judged.presentFixes)
    await upsertStatuses(client, batch.statuses)
    await appendDeadLetters(client, batch.deadLetters)
    await hearStrangers(client, batch.strangers)
    const alarms = [
      ...(await clearAlarms(client, judged.clears)),
      ...(await raiseAlarms(client, judged.raises)),
    ]
    return { readings, fixes, events, alarms }
  })
}

function groupByKind(rows: readonly ReadingRow[]): Map<Kind, ReadingRow[]> {
  const groups = new Map<Kind, ReadingRow[]>()
  for (const row of rows) {
    const group = groups.get(row.kind)
    if (group) group.push(row)
    else groups.set(row.kind, [row])
  }
  return groups
}

async function appendDeadLetters(client: PoolClient, rows: Batch['deadLetters']): Promise<void> {
  if (rows.length === 0) return
  const names = deadLetterColumns.map((column) => column.name).join(', ')
  await client.query(
    `insert into dead_letter (${names})
     select ${timestamp('received_at')}, source, topic, client, reason, detail, size, bytes::bytea, login
     from unnest($1::double precision[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[], $8::text[], $9::text[])
       as row (${names})`,
    deadLetterColumns.map((column) => columnArray(column, rows)),
  )
}

export interface AlarmRecord {
  id: string
  asset_id: number
  rule: string
  severity: string
  metric: string | null
  value: number | null
  raised_ms: number
  cleared_ms: number | null
}

export const alarmFields = `id, asset_id, rule, severity, metric, value,
  (extract(epoch from raised_at) * 1000)::double precision as raised_ms,
  (extract(epoch from cleared_at) * 1000)::double precision as cleared_ms`

export const toStoredAlarm = (row: AlarmRecord): StoredAlarm => ({
  id: Number(row.id),
  assetId: row.asset_id,
  rule: row.rule,
  severity: row.severity,
  metric: row.metric,
  value: row.value,
  raisedAtMs: row.raised_ms,
  clearedAtMs: row.cleared_ms,
})

/** Those that came to an end within the batch are written closed, in the order of their times. */
async function raiseAlarms(client: PoolClient, raises: readonly AlarmRaise[]): Promise<StoredAlarm[]> {
  if (raises.length === 0) return []
  const { rows } = await client.query<AlarmRecord>(
    `insert into alarm (asset_id, rule, severity, metric, value, raised_at, cleared_at)
     select asset_id, rule, severity, metric, value, ${timestamp('raised')}, ${timestamp('cleared')}
     from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::double precision[], $6::double precision[], $7::double precision[])
       as row (asset_id, rule, severity, metric, value, raised, cleared)
     on conflict (asset_id, rule) where cleared_at is null do nothing
     returning ${alarmFields}`,
    [
      plainArray(raises.map((alarm) => alarm.assetId)),
      textArray(raises.map((alarm) => alarm.rule)),
      textArray(raises.map((alarm) => alarm.severity)),
      textArray(raises.map((alarm) => alarm.metric)),
      plainArray(raises.map((alarm) => alarm.value)),
      plainArray(raises.map((alarm) => alarm.raisedAtMs)),
      plainArray(raises.map((alarm) => alarm.clearedAtMs)),
    ],
  )
  return rows.map(toStoredAlarm)
}

async function clearAlarms(client: PoolClient, clears: readonly AlarmClear[]): Promise<StoredAlarm[]> {
  if (clears.length === 0) return []
  const { rows } = await client.query<AlarmRecord>(
    `update alarm set cleared_at = greatest(raised_at, ${timestamp('row.cleared')})
     from unnest($1::int[], $2::text[], $3::double precision[]) as row (asset, name, cleared)
     where asset_id = row.asset and rule = row.name and cleared_at is null
     returning ${alarmFields}`,
    [
      plainArray(clears.map((alarm) => alarm.assetId)),
      textArray(clears.map((alarm) => alarm.rule)),
      plainArray(clears.map((alarm) => alarm.clearedAtMs)),
    ],
  )
  return rows.map(toStoredAlarm)
}
