import {
  findDeviceOf,
  findDeviceOwners,
  hashSecret,
  isSecretOf,
  type DeviceClaim,
  type DeviceOwner,
} from '@gridkeeper/store'
import type { Pool } from 'pg'
import type { ParsedDevice } from './parse-csv.ts'
import { RowError, sift, type Parsed, type Placed } from './row-check.ts'

type Settled<Row> = Omit<Row, 'secret'> & Pick<DeviceClaim, 'secretHash'>

/**
 * A device speaks for one asset or keeper: a key that another one has, in the database or earlier in the file, refuses the row. Secrets become hashes, and only
 * those that are not the device's already: a hash is salted, and the same file again must change nothing.
 */
export async function settleDevices<Row extends ParsedDevice & { readonly code: string }>(
  pool: Pool,
  parsed: Parsed<Row>,
  owner: 'assetCode' | 'keeperCode',
): Promise<Parsed<Settled<Row>>> {
  const owners = await findDeviceOwners(
    pool,
    parsed.rows.flatMap(({ deviceKey }) => deviceKey ?? []),
  )
  const taken = refuseTakenKeys(parsed, owners, owner)
  const { rows, problems } = await refuseUnsaidKeys(pool, taken, owners, owner)
  return { rows: await hashSecrets(rows, owners), problems }
}

function refuseTakenKeys<Row extends ParsedDevice & { readonly code: string }>(
  parsed: Parsed<Row>,
  owners: ReadonlyMap<string, DeviceOwner>,
  owner: 'assetCode' | 'keeperCode',
) {
  const claimed = new Map<string, number>()
  return sift(parsed, (row) => {
    if (row.deviceKey === null) return row
    const known = owners.get(row.deviceKey)
    const knownCode = known?.assetCode ?? known?.keeperCode ?? null
    if (knownCode !== null && known?.[owner] !== row.code)
      throw new RowError(`device ${row.deviceKey} belongs to ${knownCode} already`)
    const line = claimed.get(row.deviceKey)
    if (line !== undefined) throw new RowError(`device ${row.deviceKey} stands in line ${line} already`)
    claimed.set(row.deviceKey, row.line)
    return row
  })
}

/** What a row says of its device must not be lost in silence because the device has another key than the code. */
async function refuseUnsaidKeys<Row extends ParsedDevice & { readonly code: string }>(
  pool: Pool,
  parsed: Parsed<Row>,
  owners: ReadonlyMap<string, DeviceOwner>,
  owner: 'assetCode' | 'keeperCode',
) {
  const isUnsaid = (row: Row) =>
    !row.isDeviceExplicit &&
    (row.secret ?? row.via ?? row.protocol) !== null &&
    (owners.get(row.deviceKey ?? '')?.[owner] ?? null) === null
  const codes = parsed.rows.filter(isUnsaid).map(({ code }) => code)
  if (codes.length === 0) return parsed
  const others = await findDeviceOf(pool, owner === 'assetCode' ? 'asset' : 'keeper', codes)
  return sift(parsed, (row) => {
    const other = isUnsaid(row) ? others.get(row.code) : undefined
    if (other !== undefined) throw new RowError(`its device is ${other}: name it in a column device_key`)
    return row
  })
}

/** Some 3 ms each, in threads that the sessions and the compressed answers need as well: two at a time leave two. */
const hashedAtOnce = 2

async function hashSecrets<Row extends ParsedDevice>(
  rows: readonly Placed<Row>[],
  owners: ReadonlyMap<string, DeviceOwner>,
): Promise<Placed<Settled<Row>>[]> {
  const settled = rows.map(({ secret: _, ...row }) => ({ ...row, secretHash: null as string | null }))
  const waiting = rows.entries()
  const hashNext = async () => {
    for (const [at, { secret, deviceKey }] of waiting) {
      const known = owners.get(deviceKey ?? '')?.secretHash ?? null
      const row = settled[at]
      if (secret === null || row === undefined || (known !== null && (await isSecretOf(known, secret))))
        continue
      row.secretHash = await hashSecret(secret)
    }
  }
  await Promise.all(Array.from({ length: hashedAtOnce }, hashNext))
  return settled as Placed<Settled<Row>>[]
}
