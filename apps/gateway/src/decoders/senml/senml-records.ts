import { z } from 'zod'
import { secondsToMs } from '../convert.ts'

/** Records of RFC 8428 with their base values worked in (section 4.6). */
export interface ResolvedRecord {
  readonly name: string
  readonly unit: string | undefined
  /** UTC ms; undefined: now. */
  readonly timeMs: number | undefined
  readonly value: number | string | boolean
}

export type Resolved =
  | { readonly ok: true; readonly records: readonly ResolvedRecord[] }
  | { readonly ok: false; readonly detail: string }

const number = z.number().optional()
const text = z.string().optional()
const schema = z.looseObject({
  bn: text,
  bt: number,
  bu: text,
  bv: number,
  bver: number,
  n: text,
  u: text,
  t: number,
  v: number,
  vs: text,
  vb: z.boolean().optional(),
  vd: text,
  s: number,
})
type Spoken = z.infer<typeof schema>

/** Seconds below it are counted from now. */
const relativeBelow = 2 ** 28
const version = 10
/** Section 4.5.1. */
const nameForm = /^[A-Za-z0-9][A-Za-z0-9\-:./_]*$/

export function resolveRecords(list: readonly unknown[], receivedAtMs: number): Resolved {
  const base: { name: string; time: number; unit: string | undefined; value: number } = {
    name: '',
    time: 0,
    unit: undefined,
    value: 0,
  }
  const records: ResolvedRecord[] = []
  for (const [at, content] of list.entries()) {
    const fault = (detail: string): Resolved => ({ ok: false, detail: `record ${at}: ${detail}` })
    const parsed = schema.safeParse(content)
    if (!parsed.success) return fault(parsed.error.issues[0]?.path.join('.') || 'expected an object')
    const record = parsed.data
    const mandatory = Object.keys(record).find((key) => key.endsWith('_'))
    if (mandatory !== undefined) return fault(`${mandatory.slice(0, 64)} must be understood, and is not`)
    if ((record.bver ?? version) > version) return fault(`bver: version ${record.bver} is not known`)
    base.name = record.bn ?? base.name
    base.time = record.bt ?? base.time
    base.unit = record.bu ?? base.unit
    base.value = record.bv ?? base.value
    const value = valueOf(record, base.value)
    if (value === 'several') return fault('more than one value')
    if (value === undefined) {
      if (record.s !== undefined) return fault('a sum without a value')
      if (record.n !== undefined || record.t !== undefined || record.u !== undefined) return fault('no value')
      continue
    }
    const name = base.name + (record.n ?? '')
    if (!nameForm.test(name)) return fault('not a name')
    const seconds = base.time + (record.t ?? 0)
    const timeMs = secondsToMs(seconds < relativeBelow ? receivedAtMs / 1000 + seconds : seconds)
    records.push({
      name,
      unit: record.u ?? base.unit,
      timeMs: seconds === 0 ? undefined : timeMs,
      value: value.is,
    })
  }
  return { ok: true, records }
}

/** A base value is of numbers only. */
function valueOf({ v, vs, vb, vd }: Spoken, baseValue: number) {
  const given = [v === undefined ? undefined : v + baseValue, vs, vb, vd].filter(
    (value) => value !== undefined,
  )
  if (given.length > 1) return 'several' as const
  const [is] = given
  return is === undefined ? undefined : { is }
}
