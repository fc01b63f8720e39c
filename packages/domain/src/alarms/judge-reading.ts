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
 * What one reading changes about an asset's alarms. `openRules` holds the keys of the rules that hold now.
 *
 * A rule is raised by any of its metrics beyond `raise`, and cleared only when every metric of it in the message is back
 * beyond `clear`; a message that says nothing of a rule's metrics, or says it out of physical range, leaves it as it is.
 */
export function judgeReading(
  kind: Kind,
  checked: CheckedValues,
  openRules: ReadonlySet<string>,
): readonly AlarmChange[] {
  const changes: AlarmChange[] = []
  for (const rule of kind.rules) {
    const said = believedValues(kind, rule, checked)
    if (said.length === 0) continue
    if (openRules.has(rule.key)) {
      if (said.every(({ value }) => releases(rule, value))) changes.push({ type: 'cleared', rule })
      continue
    }
    const offender = said.find(({ value }) => breaks(rule, value))
    if (offender) changes.push({ type: 'raised', rule, ...offender })
  }
  return changes
}

function believedValues(kind: Kind, rule: AlarmRule, { values, outOfRange }: CheckedValues) {
  const said: { metric: string; value: number }[] = []
  kind.metrics.forEach(({ key }, index) => {
    const value = values[index]
    if (value === null || value === undefined) return
    if (rule.metrics.includes(key) && !outOfRange.includes(key))
      said.push({ metric: key, value: numeric(value) })
  })
  return said
}
