import { kinds } from '@gridkeeper/domain'
import type { Metric } from './payload.ts'

/** What a birth says of one metric: the key that it becomes, null if it is none of ours to keep, and its type. */
export interface Named {
  readonly key: string | null
  readonly datatype: number
}

/** The names of one edge node, or of one device behind it, from its birth. Data may name a metric by either. */
export interface NameBook {
  readonly byName: ReadonlyMap<string, Named>
  readonly byAlias: ReadonlyMap<bigint, Named>
  /** What it weighs: one for each metric, and more for a name longer than {@link nameLength}. */
  readonly size: number
}

const nameLength = 64

const metricKeys = new Set(kinds.flatMap(({ metrics }) => metrics.map(({ key }) => key)))

/** Housekeeping of the protocol, not measured. */
const isHousekeeping = (name: string) => name === 'bdSeq' || /^(?:Node|Device) Control\//.test(name)

/**
 * `Feeder 1/Ua` becomes `ua`: what stands behind the last `/`, in the spelling of our metrics if it is one in any case. Names that would become the same key
 * stay whole, so that no value takes the place of another.
 */
export function makeNameBook(metrics: readonly Metric[]): NameBook {
  const named = metrics.flatMap(({ name, alias, datatype }) =>
    name === null || name === '' || datatype === null ? [] : [{ name, alias, datatype, key: shortKey(name) }],
  )
  const nameOfKey = new Map<string, string>()
  const shared = new Set<string>()
  for (const { name, key } of named) {
    if (nameOfKey.has(key) && nameOfKey.get(key) !== name) shared.add(key)
    nameOfKey.set(key, name)
  }
  const byName = new Map<string, Named>()
  const byAlias = new Map<bigint, Named>()
  let size = 0
  for (const { name, alias, datatype, key } of named) {
    const entry = { key: isHousekeeping(name) ? null : shared.has(key) ? name : key, datatype }
    byName.set(name, entry)
    size += Math.ceil(name.length / nameLength)
    if (alias !== null) byAlias.set(alias, entry)
  }
  return { byName, byAlias, size }
}

export const findName = ({ byName, byAlias }: NameBook, { name, alias }: Metric): Named | undefined =>
  name !== null && name !== '' ? byName.get(name) : alias === null ? undefined : byAlias.get(alias)

function shortKey(name: string): string {
  const last = name.slice(name.lastIndexOf('/') + 1)
  if (last === '') return name
  const lower = last.toLowerCase()
  return metricKeys.has(lower) ? lower : last
}
