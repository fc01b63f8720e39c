import { readBcd, type BcdFormat } from '../meter-line/read-bcd.ts'

/** A part of a data item. `key` is the metric it becomes; null: read over. */
type Field =
  | ({ readonly type: 'bcd'; readonly key: string | null } & BcdFormat)
  | { readonly type: 'phase' | 'run-state'; readonly bytes: 1 }

const bcd = (key: string | null, bytes: number, decimals: number, isSigned = false): Field => ({
  type: 'bcd',
  key,
  bytes,
  decimals,
  isSigned,
})
const energy = (key: string | null) => bcd(key, 4, 2)
const volts = (key: string) => bcd(key, 2, 1)
const amperes = (key: string) => bcd(key, 3, 3, true)
const watts = (key: string | null) => bcd(key, 3, 4, true)
const factor = (key: string | null) => bcd(key, 2, 3, true)
const phase: Field = { type: 'phase', bytes: 1 }
const milliamperes = bcd('residual', 2, 0)

/** One item each under `…<n>…`, all of them under the block `FF`. `DI2` and `DI3` are the first four digits. */
const block = (di: string, from: number, fields: readonly Field[]): [string, readonly Field[]][] => [
  ...fields.map((field, at): [string, readonly Field[]] => [`${di}0${from + at}00`, [field]]),
  [`${di}FF00`, fields],
]
const energies = (di: string, key: string) => block(di, 0, [key, null, null, null, null].map(energy))

/**
 * What is read, by data identifier DI3 DI2 DI1 DI0, in units of the kinds' metrics (V, A, kW, kvar, kWh, mA). Values are the meter's own, secondary side:
 * no transformer ratio is applied. What no kind has a metric for keeps a plain name. Sources: DL/T 645-2007, tables A.1 and A.3; the residual-current
 * items 02-90 and the run state of one byte are the extension of 剩余电流动作保护器, as three public implementations read it.
 */
const items: ReadonlyMap<string, readonly Field[]> = new Map([
  ...energies('0000', 'kwh_combined'),
  ...energies('0001', 'kwh'),
  ...energies('0002', 'kwh_reverse'),
  ...energies('0003', 'kvarh_1'),
  ...energies('0004', 'kvarh_2'),
  ...block('0201', 1, [volts('ua'), volts('ub'), volts('uc')]),
  ...block('0202', 1, [amperes('ia'), amperes('ib'), amperes('ic')]),
  ...block('0203', 0, ['p', null, null, null].map(watts)),
  ...block('0204', 0, ['q', null, null, null].map(watts)),
  ...block('0205', 0, ['s', null, null, null].map(watts)),
  ...block('0206', 0, ['pf', null, null, null].map(factor)),
  ['02800002', [bcd('f', 2, 2)]],
  ['02900000', [phase]],
  ['02900100', [milliamperes]],
  ['0290FF00', [phase, milliamperes]],
])
const runState: readonly Field[] = [{ type: 'run-state', bytes: 1 }]

/** Date, time, and the status words of a meter: answered, and no reading. */
const isPassedOver = (di: string, length: number) =>
  /^0400010[12]$/.test(di) || (/^0400050\d$/.test(di) && length === 2) || di === '040005FF'

export type ItemRead =
  | { readonly ok: true; readonly values: Readonly<Record<string, number | boolean>> }
  | { readonly ok: false; readonly detail: string }

/** `isOpenEnded`: more of the block was to follow, so that a part cut off at its end is no fault. */
export function readItem(di: string, data: Uint8Array, isOpenEnded: boolean): ItemRead {
  if (isPassedOver(di, data.length)) return { ok: true, values: {} }
  const fields = di === '04000501' && data.length === 1 ? runState : items.get(di)
  if (fields === undefined) return { ok: false, detail: `${di}: an item that is not read here` }
  const values: Record<string, number | boolean> = {}
  let at = 0
  for (const field of fields) {
    const bytes = data.subarray(at, at + field.bytes)
    at += field.bytes
    if (bytes.length < field.bytes) {
      // A single-phase meter may answer a block of three with one.
      if (at > field.bytes && (isOpenEnded || bytes.length === 0)) return { ok: true, values }
      return { ok: false, detail: `${di}: ${data.length} bytes are too few` }
    }
    const fault = readField(field, bytes, values)
    if (fault !== null) return { ok: false, detail: `${di}: ${fault}` }
  }
  return at === data.length
    ? { ok: true, values }
    : { ok: false, detail: `${di}: ${data.length} bytes are too many` }
}

function readField(field: Field, bytes: Uint8Array, into: Record<string, number | boolean>): string | null {
  if (field.type === 'run-state') Object.assign(into, readRunState(bytes[0]!))
  if (field.type !== 'bcd') return null
  const value = readBcd(bytes, field)
  if (value === undefined) return 'not a decimal number'
  if (value !== null && field.key !== null) into[field.key] = value
  return null
}

const lockedOut = 0b01111
/** Bits 6 and 5, as the double point of the kind: 00 closed, 10 open and waiting to close again, 11 open; 01 is not used. */
const positions = [2, 3, 1, 1] as const

/** Bit 7 alarm, bits 6–5 position, bits 4–0 cause. The cause stands until the next one, so that it is a value and not an event. */
const readRunState = (byte: number) => ({
  pos: positions[(byte >> 5) & 0b11]!,
  lockout: (byte & 0x1f) === lockedOut,
  cause: byte & 0x1f,
})
