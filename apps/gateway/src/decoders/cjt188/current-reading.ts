import { convert } from '../convert.ts'
import { readBcd } from '../meter-line/read-bcd.ts'

type Values = Readonly<Record<string, number | boolean | string>>

export type CurrentRead =
  { readonly ok: true; readonly values: Values } | { readonly ok: false; readonly detail: string }

type Quantity = 'volume' | 'energy' | 'power' | 'flow'

/** The unit byte behind a number: what it measures, and what one is worth in m³, kWh, kW or m³/h. Source: CJ/T 188-2004, table of units. */
const units: ReadonlyMap<number, readonly [Quantity, number]> = new Map([
  [0x01, ['energy', 1 / 3_600_000]], // J
  [0x02, ['energy', 0.001]], // Wh
  [0x05, ['energy', 1]], // kWh
  [0x08, ['energy', 1_000]], // MWh
  [0x0a, ['energy', 100_000]], // MWh × 100
  [0x0b, ['energy', 1 / 3_600]], // kJ
  [0x0e, ['energy', 1 / 3.6]], // MJ
  [0x11, ['energy', 1_000 / 3.6]], // GJ
  [0x13, ['energy', 100_000 / 3.6]], // GJ × 100
  [0x14, ['power', 0.001]], // W
  [0x17, ['power', 1]], // kW
  [0x1a, ['power', 1_000]], // MW
  [0x29, ['volume', 0.001]], // L
  [0x2c, ['volume', 1]], // m³
  [0x32, ['flow', 0.001]], // L/h
  [0x35, ['flow', 1]], // m³/h
])

type Field =
  /** Four bytes and their unit. */
  | { readonly type: 'measured'; readonly key: string; readonly is: Quantity; readonly decimals: number }
  /** Three bytes without a unit. */
  | { readonly type: 'bare'; readonly key: string; readonly decimals: number }
  | { readonly type: 'clock' }
  | { readonly type: 'status' }

const measured = (key: string, is: Quantity, decimals = 2): Field => ({ type: 'measured', key, is, decimals })
const bare = (key: string, decimals: number): Field => ({ type: 'bare', key, decimals })

const ofFluid: readonly Field[] = [
  measured('volume', 'volume'),
  measured('volume_settled', 'volume'),
  { type: 'clock' },
  { type: 'status' },
]
const ofHeat: readonly Field[] = [
  measured('heat_settled', 'energy'),
  measured('heat', 'energy'),
  measured('power', 'power'),
  measured('flow', 'flow', 4),
  measured('volume', 'volume'),
  bare('supply_temp', 2),
  bare('return_temp', 2),
  bare('hours', 0),
  { type: 'clock' },
  { type: 'status' },
]
const sizes = { measured: 5, bare: 3, clock: 7, status: 2 } as const

const fieldsOf = (type: number): readonly Field[] | undefined =>
  ({ 1: ofFluid, 2: ofHeat, 3: ofFluid })[type >> 4]

/** The data of 901F, the current reading, behind its serial number. A number of only FF is "not supported" and stays unknown. */
export function readCurrent(type: number, data: Uint8Array): CurrentRead {
  const fields = fieldsOf(type)
  if (fields === undefined) return { ok: false, detail: `type ${hex(type)}: no meter of water, heat or gas` }
  const expected = fields.reduce((sum, field) => sum + sizes[field.type], 0)
  if (data.length !== expected)
    return { ok: false, detail: `901F of type ${hex(type)}: expected ${expected} bytes, got ${data.length}` }
  const values: Record<string, number | boolean | string> = {}
  let at = 0
  for (const field of fields) {
    const fault = readField(field, data.subarray(at, at + sizes[field.type]), values)
    if (fault !== null) return { ok: false, detail: `901F: ${fault}` }
    at += sizes[field.type]
  }
  return { ok: true, values }
}

function readField(
  field: Field,
  bytes: Uint8Array,
  into: Record<string, number | boolean | string>,
): string | null {
  if (field.type === 'clock') {
    const clock = readClock(bytes)
    if (clock !== null) into['meter_clock'] = clock
    return null
  }
  if (field.type === 'status') {
    Object.assign(into, readStatus(bytes[0]!))
    return null
  }
  const digits = field.type === 'bare' ? bytes : bytes.subarray(0, 4)
  const value = readBcd(digits, { bytes: digits.length, decimals: field.decimals, isSigned: false })
  if (value === undefined) return `${field.key}: not a decimal number`
  if (value === null) return null
  if (field.type === 'bare') {
    into[field.key] = value
    return null
  }
  const [is, worth] = units.get(bytes[4]!) ?? []
  if (is !== field.is || worth === undefined)
    return `${field.key}: unit ${hex(bytes[4]!)} is none of ${field.is}`
  into[field.key] = convert(value, worth)
  return null
}

/** `ss mm hh DD MM YY YY`, as it stands: it is often wrong, so that it is no time of ours. null: not set. */
function readClock(bytes: Uint8Array): string | null {
  const text = Buffer.from(bytes).reverse().toString('hex')
  const [, date, time] = /^(\d{8})(\d{6})$/.exec(text) ?? []
  if (date === undefined || time === undefined) return null
  return `${date.replace(/^(.{4})(..)/, '$1-$2-')} ${time.replace(/^(..)(..)/, '$1:$2:')}`
}

/**
 * First byte: bit 0 the valve (0 open, 1 closed), bit 1 that it is out of order (then 11, which some write as 10), bit 2 that the battery is low. The rest is
 * the maker's own.
 */
const readStatus = (byte: number) => ({
  valve: (byte & 0b10) === 0 ? byte & 0b1 : 0b11,
  battery_low: (byte & 0b100) !== 0,
})

const hex = (byte: number) => byte.toString(16).toUpperCase().padStart(2, '0')
