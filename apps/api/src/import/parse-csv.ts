import { deviceKeyPattern } from '@gridkeeper/contracts'
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

const assetColumns = ['code', 'name', 'kind', 'lon', 'lat', 'grid', 'device_key']
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
      ...checkDevice(cells['device_key'], code),
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
      ...checkDevice(cells['device_key'], code),
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

function checkDevice(cell: string | undefined, code: string): ParsedDevice {
  if (cell === undefined || cell === '')
    return { deviceKey: deviceKeyPattern.test(code) ? code : null, isDeviceExplicit: false }
  if (!deviceKeyPattern.test(cell)) throw new RowError('device_key is not 1 to 64 of A–Z a–z 0–9 . _ : -')
  return { deviceKey: cell, isDeviceExplicit: true }
}
