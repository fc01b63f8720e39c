import { metricOf, type Kind, type Metric } from './kinds/kind.ts'

/** Bits of the `flags` column: what is odd about a stored message. */
export const flag = {
  /** At least one value is outside its physical range. */
  outOfRange: 1,
  /** The device's clock was absurd; the row stands at its arrival time. */
  clockNotBelieved: 2,
  /** Keys that the kind does not know were kept in `extra`. */
  unknownKeys: 4,
  /** Came more than 30 days after its own time. */
  late: 8,
  /** The device says that it had kept it back. */
  historical: 16,
} as const

/** Rows that never move the present nor raise an alarm, however new their time is. */
export const historyFlags = flag.late | flag.historical

export type Value = number | boolean

export interface CheckedValues {
  /** Aligned with `kind.metrics`; null where the message says nothing. */
  readonly values: readonly (Value | null)[]
  readonly extra: Readonly<Record<string, unknown>> | null
  readonly flags: number
  /** Keys of values outside their range: kept, but no alarm rule looks at them. */
  readonly outOfRange: readonly string[]
}

export type CheckResult =
  | { readonly ok: true; readonly checked: CheckedValues }
  | { readonly ok: false; readonly reason: 'wrong-type'; readonly detail: string }

const isInside = (metric: Metric, value: number) =>
  metric.range === undefined || (value >= metric.range[0] && value <= metric.range[1])

/** The greatest single-precision number; a column of type integer holds 32 bits. */
const maxReal = 3.4028235e38
const minInteger = -0x8000_0000
const maxInteger = 0x7fff_ffff

/** Nearer to zero than any single-precision number but zero: a `real` column takes no such literal. */
const smallestReal = 2 ** -149

/** What a `real` column makes of it; a number too great for one is the caller's to refuse. */
export const toReal = (value: number): number => (Math.abs(value) < smallestReal ? 0 : value)

/** A number that no column can hold is kept in `extra`, as it was said. */
const fitsColumn = (metric: Metric, value: number) =>
  metric.type === 'integer' ? value >= minInteger && value <= maxInteger : Math.abs(value) <= maxReal

function readValue(metric: Metric, raw: unknown): Value | null | undefined {
  if (raw === null) return null
  if (metric.type === 'boolean') {
    if (typeof raw === 'boolean') return raw
    return raw === 0 ? false : raw === 1 ? true : undefined
  }
  if (typeof raw !== 'number' || !Number.isFinite(raw)) return undefined
  if (metric.type === 'integer') return Number.isInteger(raw) ? raw : undefined
  return toReal(raw)
}

/**
 * Puts the values of one message in the order of the kind's metrics. A wrong type refuses the whole message; an unknown key
 * is kept aside; a value outside its range is kept and flagged. An explicit null is the same as an absent key.
 */
export function checkValues(kind: Kind, raw: Readonly<Record<string, unknown>>): CheckResult {
  const values: (Value | null)[] = []
  const outOfRange: string[] = []
  let known = 0
  for (const metric of kind.metrics) {
    const given = raw[metric.key]
    if (given === undefined) {
      values.push(null)
      continue
    }
    known++
    const value = readValue(metric, given)
    if (typeof value === 'number' && !fitsColumn(metric, value)) {
      outOfRange.push(metric.key)
      known--
      values.push(null)
      continue
    }
    if (value === undefined) {
      const detail = `${metric.key}: expected ${metric.type}, got ${describe(given)}`
      return { ok: false, reason: 'wrong-type', detail }
    }
    if (typeof value === 'number' && !isInside(metric, value)) outOfRange.push(metric.key)
    values.push(value)
  }
  const extra = known === countKeys(raw) ? null : pickRest(kind, values, raw)
  const hasUnknown = extra !== null && Object.keys(extra).some((key) => metricOf(kind, key) === undefined)
  const flags = (outOfRange.length > 0 ? flag.outOfRange : 0) | (hasUnknown ? flag.unknownKeys : 0)
  return { ok: true, checked: { values, extra, flags, outOfRange } }
}

/** Without a list of them: this is asked of every message. */
function countKeys(raw: Readonly<Record<string, unknown>>): number {
  let count = 0
  for (const key in raw) if (Object.hasOwn(raw, key)) count++
  return count
}

/** What found no column: unknown keys, and numbers too great for theirs. */
function pickRest(
  kind: Kind,
  values: readonly (Value | null)[],
  raw: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const placed = new Set(
    kind.metrics
      .filter((metric, index) => values[index] !== null || raw[metric.key] === null)
      .map((metric) => metric.key),
  )
  return Object.fromEntries(Object.entries(raw).filter(([key]) => !placed.has(key)))
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'number' ? String(value) : typeof value
}
