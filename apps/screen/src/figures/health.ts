import { assetStateNames, type AssetStateName } from '@gridkeeper/domain'
import type { StateCounts } from './tally.ts'

/** What an asset in a state is worth. Unknown has no worth: it is left out of the mean. */
export const healthWorth: Readonly<Record<Exclude<AssetStateName, 'unknown'>, number>> = {
  normal: 1,
  attention: 0.8,
  warning: 0.4,
  critical: 0,
  silent: 0.5,
}

export interface HealthPart {
  readonly state: AssetStateName
  readonly count: number
  /** Null for unknown. */
  readonly worth: number | null
  /** Points of 100 this state takes away; the parts and the health sum to 100. */
  readonly lost: number | null
}

export interface Health {
  /** 0–100; null if no asset's state is known. */
  readonly percent: number | null
  readonly known: number
  readonly parts: readonly HealthPart[]
}

/** The mean worth of the assets whose state is known, in percent. */
export function healthOf(counts: StateCounts): Health {
  let known = 0
  let worth = 0
  for (const name of assetStateNames) {
    if (name === 'unknown') continue
    known += counts[name]
    worth += counts[name] * healthWorth[name]
  }
  const parts = assetStateNames.map((state): HealthPart => {
    if (state === 'unknown') return { state, count: counts.unknown, worth: null, lost: null }
    const each = healthWorth[state]
    return {
      state,
      count: counts[state],
      worth: each,
      lost: known === 0 ? null : (100 * counts[state] * (1 - each)) / known,
    }
  })
  return { percent: known === 0 ? null : (100 * worth) / known, known, parts }
}

/** Cut, not rounded: 99.96 must not be shown as 100 while something is wrong. */
export const shownHealth = (percent: number | null): number | null =>
  percent === null ? null : Math.floor(percent * 10 + 1e-9) / 10
