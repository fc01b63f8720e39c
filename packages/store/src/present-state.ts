import type { Kind } from '@gridkeeper/domain'
import type { PoolClient } from 'pg'
import { plainArray, textArray, timestamp } from './array-literal.ts'
import { columnArray } from './append-rows.ts'
import type { FixRow, ReadingRow, StatusRow } from './batch.ts'
import { fixColumns } from './targets.ts'

const keysOf = new WeakMap<Kind, readonly string[]>()

/** `\"ua\":` as it stands within an element of an array: a metric's key is a column's name, and needs no other escape. */
function quotedKeys(kind: Kind): readonly string[] {
  let keys = keysOf.get(kind)
  if (keys === undefined) {
    keys = kind.metrics.map(({ key }) => `\\"${key}\\":`)
    keysOf.set(kind, keys)
  }
  return keys
}

/**
 * What the messages say, by metric key; what one does not say is left as it was. JSON objects of numbers and booleans in an array of Postgres, by hand: one
 * object an asset a batch made and printed by the usual way costs more than judging it.
 */
function saidValues(rows: readonly ReadingRow[]): string {
  let text = '{'
  for (const { kind, values } of rows) {
    text += text.length === 1 ? '"{' : ',"{'
    let separator = ''
    const keys = quotedKeys(kind)
    for (let at = 0; at < keys.length; at++) {
      const value = values[at]
      if (value === null || value === undefined) continue
      text += `${separator}${keys[at]}${value}`
      separator = ','
    }
    text += '}"'
  }
  return `${text}}`
}

const saysAll = ({ values }: ReadingRow) => values.every((value) => value !== null)

/**
 * At most one row an asset. The newest device time wins; of two messages of one instant, the greater id, so that the order of arrival does not matter.
 * What says everything takes the place of what was there: to merge it costs the server twice as much as the row itself by COPY.
 */
export async function upsertAssetStates(client: PoolClient, rows: readonly ReadingRow[]): Promise<void> {
  await upsertValues(client, 'replace-asset-state', 'excluded.values', rows.filter(saysAll))
  await upsertValues(
    client,
    'merge-asset-state',
    'asset_state.values || excluded.values',
    rows.filter((row) => !saysAll(row)),
  )
}

async function upsertValues(
  client: PoolClient,
  name: string,
  values: string,
  rows: readonly ReadingRow[],
): Promise<void> {
  if (rows.length === 0) return
  await client.query({
    name,
    text: `insert into asset_state (asset_id, time, received_at, message_id, values, flags)
      select asset_id, ${timestamp('time')}, ${timestamp('received_at')}, message_id, "values", flags
      from unnest($1::int[], $2::double precision[], $3::double precision[], $4::bigint[], $5::jsonb[], $6::int[])
        as row (asset_id, time, received_at, message_id, "values", flags)
      on conflict (asset_id) do update set time = excluded.time, received_at = excluded.received_at,
        message_id = excluded.message_id, values = ${values}, flags = excluded.flags
      where (excluded.time, excluded.message_id) > (asset_state.time, asset_state.message_id)`,
    values: [
      plainArray(rows.map((row) => row.assetId)),
      plainArray(rows.map((row) => row.timeMs)),
      plainArray(rows.map((row) => row.receivedAtMs)),
      plainArray(rows.map((row) => row.messageId)),
      saidValues(rows),
      plainArray(rows.map((row) => row.flags)),
    ],
  })
}

const measured = fixColumns.map((column) => column.name)
const selected = measured.map((name) => (name === 'time' || name === 'received_at' ? timestamp(name) : name))
const arrays = fixColumns.map(
  ({ type }, index) => `$${index + 1}::${type === 'time' ? 'double precision' : type}[]`,
)
const moves = measured.filter((name) => name !== 'keeper_id').map((name) => `${name} = excluded.${name}`)

/** At most one row a keeper; the newest device time wins, as for assets. */
export async function upsertKeeperStates(client: PoolClient, rows: readonly FixRow[]): Promise<void> {
  if (rows.length === 0) return
  await client.query({
    name: 'upsert-keeper-state',
    text: `insert into keeper_state (${measured.join(', ')}) select ${selected.join(', ')}
      from unnest(${arrays.join(', ')}) as row (${measured.join(', ')})
      on conflict (keeper_id) do update set ${moves.join(', ')}
      where (excluded.time, excluded.message_id) > (keeper_state.time, keeper_state.message_id)`,
    values: fixColumns.map((column) => columnArray(column, rows)),
  })
}

/** At most one row a device. A will has no time of its own: the order of arrival counts. */
export async function upsertStatuses(client: PoolClient, rows: readonly StatusRow[]): Promise<void> {
  if (rows.length === 0) return
  await client.query(
    `insert into device_status (device_key, online, received_at)
     select key, online, ${timestamp('received')}
     from unnest($1::text[], $2::boolean[], $3::double precision[]) as row (key, online, received)
     on conflict (device_key) do update set online = excluded.online, received_at = excluded.received_at
     where excluded.received_at >= device_status.received_at`,
    [
      textArray(rows.map((row) => row.deviceKey)),
      plainArray(rows.map((row) => row.online)),
      plainArray(rows.map((row) => row.receivedAtMs)),
    ],
  )
}
