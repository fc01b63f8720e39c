import type { PoolClient } from 'pg'
import { plainArray, textArray } from './array-literal.ts'
import type { EventRow, FixRow, ReadingRow } from './batch.ts'

type Claimed = ReadingRow | FixRow | EventRow

interface Streams {
  readonly readings: readonly ReadingRow[]
  readonly fixes: readonly FixRow[]
  readonly events: readonly EventRow[]
}

const keyOf = (channel: string, deviceKey: string, claimedMs: number | null, messageId: bigint | string) =>
  `${channel} ${deviceKey} ${claimedMs} ${messageId}`

/**
 * Messages with an unbelievable clock stand at their arrival time, so their own key cannot tell a repetition. Their claims can: only the first message
 * with a claim is new, in this batch and ever. Leaves out the repetitions.
 */
export async function withoutKnownClaims(
  client: PoolClient,
  { readings, fixes, events }: Streams,
): Promise<Streams> {
  const claims = [
    ...claimsOf('readings', readings),
    ...claimsOf('fixes', fixes),
    ...claimsOf('events', events),
  ]
  if (claims.length === 0) return { readings, fixes, events }
  const { rows } = await client.query<{
    channel: string
    device_key: string
    claimed_ms: number
    message_id: string
  }>(
    `insert into claimed_message (channel, device_key, claimed_ms, message_id, stored_at)
     select channel, key, claim, id, now()
     from unnest($1::text[], $2::text[], $3::double precision[], $4::bigint[]) as row (channel, key, claim, id)
     on conflict do nothing returning channel, device_key, claimed_ms, message_id`,
    [
      textArray(claims.map(({ channel }) => channel)),
      textArray(claims.map(({ row }) => row.deviceKey)),
      plainArray(claims.map(({ row }) => row.claimedMs)),
      plainArray(claims.map(({ row }) => row.messageId)),
    ],
  )
  const unheard = new Set(
    rows.map((row) => keyOf(row.channel, row.device_key, row.claimed_ms, row.message_id)),
  )
  const isNew = (channel: string) => (row: Claimed) =>
    row.claimedMs === null || unheard.delete(keyOf(channel, row.deviceKey, row.claimedMs, row.messageId))
  return {
    readings: readings.filter(isNew('readings')),
    fixes: fixes.filter(isNew('fixes')),
    events: events.filter(isNew('events')),
  }
}

const claimsOf = (channel: string, rows: readonly Claimed[]) =>
  rows.filter((row) => row.claimedMs !== null).map((row) => ({ channel, row }))
