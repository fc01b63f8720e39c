import { convert } from './convert.ts'

/** By the protocol's name: our key, and what the protocol's unit is worth in ours. */
export type Names = Readonly<Record<string, readonly [key: string, factor: number]>>

export type Taken =
  | { readonly ok: true; readonly values: Readonly<Record<string, number>> }
  | { readonly ok: false; readonly detail: string }

/** The numbers that have a name here, in our units. Null is "not known"; anything else under such a name is no measurement. */
export function takeNumbers(said: object, names: Names): Taken {
  const values: Record<string, number> = {}
  for (const [name, [key, factor]] of Object.entries(names)) {
    const value = (said as Readonly<Record<string, unknown>>)[name]
    if (value === undefined || value === null) continue
    if (typeof value !== 'number') return { ok: false, detail: `${name}: expected a number` }
    values[key] = convert(value, factor)
  }
  return { ok: true, values }
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
