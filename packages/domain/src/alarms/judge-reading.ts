import type { AlarmRule, Kind } from '../kinds/kind.ts'
import type { CheckedValues, Value } from '../quality.ts'

export interface AlarmRaised {
  readonly type: 'raised'
  readonly rule: AlarmRule
  readonly metric: string
  readonly value: number
}
export interface AlarmCleared {
  readonly type: 'cleared'
  readonly rule: AlarmRule
}
export type AlarmChange = AlarmRaised | AlarmCleared

const numeric = (value: Value) => (typeof value === 'boolean' ? Number(value) : value)

function breaks(rule: AlarmRule, value: number): boolean {
  if (rule.when === 'above') return value > rule.raise
  if (rule.when === 'below') return value < rule.raise
  return value === rule.raise
}

function releases(rule: AlarmRule, value: number): boolean {
  if (rule.when === 'above') return value <= rule.clear
  if (rule.when === 'below') return value >= rule.clear
  return value === rule.clear
}

/**
 * What one reading changes about an asset's alarms. `openRules` knows the keys of the rules that hold now.
 *
 * A rule is raised by any of its metrics beyond `raise`, and cleared only when every metric of it in the message is back
 * beyond `clear`; a message that says nothing of a rule's metrics, or says it out of physical range, leaves it as it is.
 */
export function judgeReading(
  kind: Kind,
  { values, outOfRange }: CheckedValues,
  openRules: Pick<ReadonlySet<string>, 'has'>,
): readonly AlarmChange[] {
  let changes: AlarmChange[] | null = null
  for (const { rule, places } of judgedPlaces(kind)) {
    const isOpen = openRules.has(rule.key)
    let isAnySaid = false
    let isReleased = true
    for (const { key, place } of places) {
      const said = values[place]
      if (said === null || said === undefined || outOfRange.includes(key)) continue
      const value = numeric(said)
      isAnySaid = true
      if (isOpen) isReleased &&= releases(rule, value)
      else if (breaks(rule, value)) {
        ;(changes ??= []).push({ type: 'raised', rule, metric: key, value })
        break
      }
    }
    if (isOpen && isAnySaid && isReleased) (changes ??= []).push({ type: 'cleared', rule })
  }
  return changes ?? noChanges
}

const noChanges: readonly AlarmChange[] = []

interface JudgedPlaces {
  readonly rule: AlarmRule
  /** Of its metrics, in the order of the kind's. */
  readonly places: readonly { readonly key: string; readonly place: number }[]
}

const byKind = new WeakMap<Kind, readonly JudgedPlaces[]>()

/** Looked up once a kind, since every reading is judged. */
function judgedPlaces(kind: Kind): readonly JudgedPlaces[] {
  let known = byKind.get(kind)
  if (known === undefined) {
    known = kind.rules.map((rule) => ({
      rule,
      places: kind.metrics.flatMap(({ key }, place) => (rule.metrics.includes(key) ? [{ key, place }] : [])),
    }))
    byKind.set(kind, known)
  }
  return known
}
