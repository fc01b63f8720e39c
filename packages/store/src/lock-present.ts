import type { PoolClient } from 'pg'
import { plainArray, textArray } from './array-literal.ts'
import type { Present } from './device-registry.ts'

/** What is to be judged, each once. */
export interface PresentAsked {
  /** With the key of the kind's headline metric. */
  readonly assets: ReadonlyMap<number, string>
  readonly keepers: ReadonlySet<number>
  /** Some of them may have no state yet. */
  readonly mayBeNew: boolean
}

export interface LockedAsset extends Present {
  readonly flags: number
  /** Booleans as 0 and 1; null: never said. */
  readonly headline: number | null
}

export interface LockedPresent {
  readonly assets: ReadonlyMap<number, LockedAsset>
  readonly keepers: ReadonlyMap<number, Present>
  /** Rules that hold now, with their severities, by asset. */
  readonly openAlarms: ReadonlyMap<number, ReadonlyMap<string, string>>
}

/** Whoever writes a first state holds it to the end of its transaction: a row that is not there yet cannot be locked. Any number, the same everywhere. */
const firstStateLock = 0x6772_6964

const timeMs = '(extract(epoch from state.time) * 1000)::double precision as time_ms'

interface StateRecord {
  id: number
  time_ms: number
  message_id: string
}
type AssetRecord = StateRecord & { flags: number; headline: number | null }

/**
 * The present of these assets and keepers, held until the transaction ends: nobody else judges them meanwhile. Assets before keepers, each in the order of their
 * ids, so that two transactions wait in a line. Alarms are read after the locks are held, by a statement of their own: it sees what the holder before has committed.
 */
export async function lockPresent(client: PoolClient, asked: PresentAsked): Promise<LockedPresent> {
  if (asked.mayBeNew) await lockFirstStates(client)
  const assets = new Map<number, LockedAsset>()
  const keepers = new Map<number, Present>()
  await lockAssets(client, asked.assets, assets)
  await lockKeepers(client, asked.keepers, keepers)
  const isComplete = assets.size === asked.assets.size && keepers.size === asked.keepers.size
  if (!isComplete && !asked.mayBeNew) {
    // A state that was there is gone (an asset was removed and came back): rare, and a circle that it may lead to is broken by the database and tried again.
    await lockFirstStates(client)
    await lockAssets(client, asked.assets, assets)
    await lockKeepers(client, asked.keepers, keepers)
  }
  return { assets, keepers, openAlarms: await loadOpenAlarmsOf(client, [...assets.keys()]) }
}

const lockFirstStates = (client: PoolClient) =>
  client.query('select pg_advisory_xact_lock($1::bigint)', [firstStateLock])

async function lockAssets(
  client: PoolClient,
  asked: ReadonlyMap<number, string>,
  into: Map<number, LockedAsset>,
): Promise<void> {
  if (asked.size === 0) return
  const { rows } = await client.query<AssetRecord>({
    name: 'lock-asset-states',
    text: `select state.asset_id as id, ${timeMs}, state.message_id, state.flags,
        case state."values" -> asked.headline when 'true'::jsonb then 1 when 'false'::jsonb then 0
          else (state."values" ->> asked.headline)::double precision end as headline
      from unnest($1::int[], $2::text[]) as asked (id, headline) join asset_state state on state.asset_id = asked.id
      order by state.asset_id for no key update of state`,
    values: [plainArray([...asked.keys()]), textArray([...asked.values()])],
  })
  for (const row of rows)
    into.set(row.id, {
      timeMs: row.time_ms,
      messageId: BigInt(row.message_id),
      flags: row.flags,
      headline: row.headline,
    })
}

async function lockKeepers(
  client: PoolClient,
  asked: ReadonlySet<number>,
  into: Map<number, Present>,
): Promise<void> {
  if (asked.size === 0) return
  const { rows } = await client.query<StateRecord>({
    name: 'lock-keeper-states',
    text: `select state.keeper_id as id, ${timeMs}, state.message_id from keeper_state state
      where state.keeper_id = any ($1::int[]) order by state.keeper_id for no key update`,
    values: [plainArray([...asked])],
  })
  for (const row of rows) into.set(row.id, { timeMs: row.time_ms, messageId: BigInt(row.message_id) })
}

async function loadOpenAlarmsOf(
  client: PoolClient,
  assetIds: readonly number[],
): Promise<Map<number, Map<string, string>>> {
  const byAsset = new Map<number, Map<string, string>>()
  if (assetIds.length === 0) return byAsset
  const { rows } = await client.query<{ asset_id: number; rule: string; severity: string }>({
    name: 'open-alarms-of',
    text: 'select asset_id, rule, severity from alarm where cleared_at is null and asset_id = any ($1::int[])',
    values: [plainArray(assetIds)],
  })
  for (const { asset_id: id, rule, severity } of rows)
    byAsset.set(id, (byAsset.get(id) ?? new Map<string, string>()).set(rule, severity))
  return byAsset
}
