import type { Alarm, Overview } from '@gridkeeper/contracts'
import { assetState, assetStateNames, findKind, kinds } from '@gridkeeper/domain'
import type { TwinAsset } from '../twin/twin-asset.ts'
import type { TwinKeeper } from '../twin/twin-keeper.ts'

export interface OverviewInput {
  readonly assets: Iterable<TwinAsset>
  readonly keepers: Iterable<TwinKeeper>
  readonly openAlarms: Iterable<Alarm>
  readonly gridName: (id: number) => string
  readonly nowMs: number
}

type GridTally = Overview['worstGrids'][number]
const maxWorstGrids = 10

/** Counts for the panels, in one pass over the assets asked about. */
export function countOverview({ assets, keepers, openAlarms, gridName, nowMs }: OverviewInput): Overview {
  const byKind = new Map(kinds.map(({ key }) => [key, emptyTally(key)]))
  const byGrid = new Map<number, GridTally>()
  let loadKw: number | null = null
  for (const asset of assets) {
    const tally = byKind.get(asset.kindKey) ?? emptyTally(asset.kindKey)
    byKind.set(asset.kindKey, tally)
    tally.total++
    tally[assetStateNames[asset.state] ?? 'unknown']++
    if (asset.gridId !== null) countGrid(byGrid, asset.gridId, gridName, asset.state)
    if (saysLoad(asset)) loadKw = (loadKw ?? 0) + (asset.headline ?? 0)
  }
  const open = { attention: 0, warning: 0, critical: 0 }
  for (const { severity } of openAlarms) open[severity]++
  const people = { total: 0, onDuty: 0 }
  for (const { state } of keepers) {
    people.total++
    if (state === 1) people.onDuty++
  }
  return {
    atMs: nowMs,
    byKind: [...byKind.values()],
    keepers: people,
    openAlarms: open,
    loadKw,
    worstGrids: [...byGrid.values()].filter(hasTrouble).sort(byTrouble).slice(0, maxWorstGrids),
  }
}

const emptyTally = (kind: string): Overview['byKind'][number] => ({
  kind,
  total: 0,
  normal: 0,
  attention: 0,
  warning: 0,
  critical: 0,
  silent: 0,
  unknown: 0,
})

/** The twin holds headlines only; every kind so far has its load as its headline. What a silent asset said last counts no more. */
function saysLoad(asset: TwinAsset): boolean {
  const kind = findKind(asset.kindKey)
  return kind?.loadMetric === kind?.headline && asset.headline !== null && asset.state !== assetState.silent
}

function countGrid(
  byGrid: Map<number, GridTally>,
  gridId: number,
  gridName: (id: number) => string,
  state: number,
): void {
  let tally = byGrid.get(gridId)
  if (tally === undefined) {
    tally = { gridId, name: gridName(gridId), critical: 0, warning: 0, attention: 0, silent: 0, total: 0 }
    byGrid.set(gridId, tally)
  }
  tally.total++
  if (state === assetState.critical) tally.critical++
  else if (state === assetState.warning) tally.warning++
  else if (state === assetState.attention) tally.attention++
  else if (state === assetState.silent) tally.silent++
}

const hasTrouble = (grid: GridTally) => grid.critical + grid.warning + grid.attention + grid.silent > 0

const byTrouble = (a: GridTally, b: GridTally) =>
  b.critical - a.critical ||
  b.warning - a.warning ||
  b.attention - a.attention ||
  b.silent - a.silent ||
  a.gridId - b.gridId
