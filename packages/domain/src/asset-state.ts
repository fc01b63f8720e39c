import type { Severity } from './kinds/kind.ts'

/**
 * What an asset is right now, worst first when they compete: an open alarm by its severity, then silence, then normal.
 * `unknown` is an asset that never spoke. The numbers go over the wire.
 */
export const assetState = { normal: 0, attention: 1, warning: 2, critical: 3, silent: 4, unknown: 5 } as const
export type AssetStateName = keyof typeof assetState
export type AssetState = (typeof assetState)[AssetStateName]

export const assetStateNames: readonly AssetStateName[] = [
  'normal',
  'attention',
  'warning',
  'critical',
  'silent',
  'unknown',
]

const rank: Record<Severity, AssetState> = { attention: 1, warning: 2, critical: 3 }

export const stateOfSeverity = (severity: Severity): AssetState => rank[severity]

/** The state of the worst of the open alarms; normal if there is none. */
export const worstOf = (severities: Iterable<Severity>): AssetState => {
  let worst: AssetState = assetState.normal
  for (const severity of severities) if (rank[severity] > worst) worst = rank[severity]
  return worst
}
