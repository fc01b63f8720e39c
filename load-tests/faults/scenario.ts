import type { Device, Stream } from './ledger.ts'
import type { Plan, Stage } from './stage.ts'
import type { Sizes } from './sizes.ts'

/** One bad day. Its title is the guarantee; `run` ends with everything acknowledged, and the oracle has the last word. */
export interface Scenario {
  readonly name: string
  readonly title: string
  readonly plan: (sizes: Sizes) => Plan
  /** Why it cannot be played here; null: it can. */
  readonly findObstacle?: (stage: Stage) => string | null | Promise<string | null>
  readonly run: (stage: Stage) => Promise<void>
}

export const devicesOf = (stream: Stream, count: number): Device[] =>
  Array.from({ length: count }, (_, at) => ({ key: `${stream}-${at}`, stream }))

/** Meters, as most devices are. */
export const usualPlan = ({ devices, connections, rate }: Sizes): Plan => ({
  devices: devicesOf('readings', devices),
  connections,
  rate,
})

/** As {@link usualPlan}, and some of the devices speak HTTP: their 200 is under the same oath as a PUBACK. */
export const mixedPlan = (sizes: Sizes): Plan => ({ ...usualPlan(sizes), posters: 5 })

/** 0 ≤ share ≤ 1; null of nothing. */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null
}
