import {
  deviceKeyPattern,
  deviceKeySchema,
  maxSecretLength,
  minSecretLength,
  protocolSchema,
} from '@gridkeeper/contracts'
import { findKind } from '@gridkeeper/domain'
import { readCsv, type CsvFile } from './read-csv.ts'
import {
  checkCode,
  checkName,
  checkPlace,
  checkText,
  collectRows,
  RowError,
  type Parsed,
} from './row-check.ts'

export interface ParsedDevice {
  /** Null: the file names none, and the code cannot be one. */
  readonly deviceKey: string | null
  readonly isDeviceExplicit: boolean
  /** In clear: hashed before it goes any further, and never part of a message. Null, here and below: the file says nothing. */
  readonly secret: string | null
  readonly via: string | null
  readonly protocol: string | null
}
export interface ParsedAsset extends ParsedDevice {
  readonly code: string
  readonly name: string
  readonly kind: string
  readonly lon: number
  readonly lat: number
  readonly gridCode: string | null
  readonly attributes: Readonly<Record<string, string>>
}
export interface ParsedKeeper extends ParsedDevice {
  readonly code: string
  readonly name: string
  readonly post: string
  readonly phone: string | null
  readonly gridCode: string | null
}

const deviceColumns = ['device_key', 'device_secret', 'device_via', 'device_protocol']
/** All others are attributes, which everybody may read. */
const assetColumns = ['code', 'name', 'kind', 'lon', 'lat', 'grid', ...deviceColumns]
const defaultPost = '网格员'

export async function parseAssets(text: string): Promise<Parsed<ParsedAsset>> {
  const file = await readCsv(text, ['code', 'name', 'kind', 'lon', 'lat'])
  const others = file.columns.filter((name) => name !== '' && !assetColumns.includes(name))
  return collect(file, (cells) => {
    const code = checkCode(cells['code'])
    const kind = cells['kind'] ?? ''
    if (findKind(kind) === undefined) throw new RowError(`there is no kind ${kind === '' ? 'given' : kind}`)
    const [lon, lat] = checkPlace([checkNumber(cells['lon'], 'lon'), checkNumber(cells['lat'], 'lat')])
    const said = others
      .map((name): [string, string] => [name, cells[name] ?? ''])
      .filter(([, cell]) => cell !== '')
    return {
      code,
      name: checkName(cells['name']),
      kind,
      lon,
      lat,
      gridCode: checkText(cells['grid'], 'grid'),
      attributes: Object.fromEntries(said),
      ...checkDevice(cells, code),
    }
  })
}

export async function parseKeepers(text: string): Promise<Parsed<ParsedKeeper>> {
  const file = await readCsv(text, ['code', 'name'])
  return collect(file, (cells) => {
    const code = checkCode(cells['code'])
    return {
      code,
      name: checkName(cells['name']),
      post: checkText(cells['post'], 'post') ?? defaultPost,
      phone: checkText(cells['phone'], 'phone'),
      gridCode: checkText(cells['grid'], 'grid'),
      ...checkDevice(cells, code),
    }
  })
}

type Cells = Readonly<Record<string, string>>

function collect<Row extends { readonly code: string }>(
  file: CsvFile,
  check: (cells: Cells) => Row,
): Parsed<Row> {
  const raws = file.records.map(({ line, cells }) => ({ line, code: cells['code'] || null, raw: cells }))
  const { rows, problems } = collectRows(raws, check)
  return { rows, problems: [...file.problems, ...problems] }
}

/** Plain decimals only: `Number` would take '', ' ' and '0x10' for numbers. */
function checkNumber(cell: string | undefined, what: string): number {
  if (cell === undefined || !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell))
    throw new RowError(`${what} is not a number`)
  return Number(cell)
}

function checkDevice(cells: Cells, code: string): ParsedDevice {
  const device = { ...checkKey(cells['device_key'], code), ...checkWayIn(cells) }
  if (device.deviceKey === null && (device.secret ?? device.via ?? device.protocol) !== null)
    throw new RowError('has no device_key, and its code cannot be one')
  if (device.via !== null && device.via === device.deviceKey)
    throw new RowError('device_via is the device itself')
  return device
}

function checkKey(cell: string | undefined, code: string) {
  if (cell === undefined || cell === '')
    return { deviceKey: deviceKeyPattern.test(code) ? code : null, isDeviceExplicit: false }
  if (!deviceKeyPattern.test(cell)) throw new RowError('device_key is not 1 to 64 of A–Z a–z 0–9 . _ : -')
  return { deviceKey: cell, isDeviceExplicit: true }
}

function checkWayIn(cells: Cells) {
  const secret = cells['device_secret'] || null
  const via = cells['device_via'] || null
  const protocol = cells['device_protocol'] || null
  if (secret !== null && secret.length < minSecretLength)
    throw new RowError(`device_secret is shorter than ${minSecretLength} characters`)
  if (secret !== null && secret.length > maxSecretLength)
    throw new RowError(`device_secret is longer than ${maxSecretLength} characters`)
  if (via !== null && !deviceKeySchema.safeParse(via).success)
    throw new RowError('device_via is not 1 to 64 of A–Z a–z 0–9 . _ : -')
  if (protocol !== null && !protocolSchema.safeParse(protocol).success)
    throw new RowError('device_protocol is not 1 to 32 of a–z 0–9 -')
  return { secret, via, protocol }
}
