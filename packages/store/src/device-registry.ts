import type { Pool } from 'pg'

/** Who speaks under which key, and the present state that the judge starts from. */
export interface KnownAsset {
  readonly assetId: number
  readonly kind: string
}
export interface KnownDevice {
  readonly key: string
  readonly asset: KnownAsset | null
  readonly keeperId: number | null
  /** Null: it cannot log in by itself. */
  readonly secretHash: string | null
  /** The login that speaks for it; null: only itself. */
  readonly via: string | null
  readonly isRevoked: boolean
}

/** All devices, or only those with the given keys. */
export async function loadDevices(pool: Pool, keys?: readonly string[]): Promise<KnownDevice[]> {
  const { rows } = await pool.query<{
    key: string
    asset_id: number | null
    kind: string | null
    keeper_id: number | null
    secret_hash: string | null
    via: string | null
    state: string
  }>(
    `select device.key, device.asset_id, asset.kind, device.keeper_id, device.secret_hash, device.via, device.state
     from device left join asset on asset.id = device.asset_id
     where $1::text[] is null or device.key = any($1)`,
    [keys ?? null],
  )
  return rows.map((row) => ({
    key: row.key,
    asset: row.asset_id === null || row.kind === null ? null : { assetId: row.asset_id, kind: row.kind },
    keeperId: row.keeper_id,
    secretHash: row.secret_hash,
    via: row.via,
    isRevoked: row.state === 'revoked',
  }))
}

/** Grows with every change of a device. */
export async function readDeviceVersion(pool: Pool): Promise<bigint> {
  const { rows } = await pool.query<{ version: string }>('select version from device_version')
  return BigInt(rows[0]?.version ?? 0)
}

/** Where the present stands: newest stored device time and message id. */
export interface Present {
  readonly timeMs: number
  readonly messageId: bigint
}
export interface PresentAsset extends Present {
  readonly flags: number
  readonly values: Readonly<Record<string, number | boolean>>
}

interface PresentRecord {
  id: number
  time_ms: number
  message_id: string
  flags: number
}

const timeMs = '(extract(epoch from time) * 1000)::double precision as time_ms'

export async function loadPresentAssets(pool: Pool): Promise<Map<number, PresentAsset>> {
  const { rows } = await pool.query<PresentRecord & { values: Record<string, number | boolean> }>(
    `select asset_id as id, ${timeMs}, message_id, flags, values from asset_state`,
  )
  return new Map(
    rows.map((row) => [
      row.id,
      { timeMs: row.time_ms, messageId: BigInt(row.message_id), flags: row.flags, values: row.values },
    ]),
  )
}

export async function loadPresentKeepers(pool: Pool): Promise<Map<number, Present>> {
  const { rows } = await pool.query<PresentRecord>(
    `select keeper_id as id, ${timeMs}, message_id from keeper_state`,
  )
  return new Map(rows.map((row) => [row.id, { timeMs: row.time_ms, messageId: BigInt(row.message_id) }]))
}

/** Rules that hold now, with their severities, by asset. */
export async function loadOpenAlarms(pool: Pool): Promise<Map<number, Map<string, string>>> {
  const { rows } = await pool.query<{ asset_id: number; rule: string; severity: string }>(
    'select asset_id, rule, severity from alarm where cleared_at is null',
  )
  const byAsset = new Map<number, Map<string, string>>()
  for (const row of rows) {
    const rules = byAsset.get(row.asset_id) ?? new Map<string, string>()
    byAsset.set(row.asset_id, rules.set(row.rule, row.severity))
  }
  return byAsset
}
