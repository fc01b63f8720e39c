import type { Grid } from '@gridkeeper/contracts'
import { countStates, type StateCounts, type Tally } from './tally.ts'

export interface WorstGrid {
  readonly grid: Grid
  readonly counts: StateCounts
  readonly weight: number
}

/** One critical outweighs ten warnings, and so on down; silence counts least. */
const weights = { critical: 1_000, warning: 100, attention: 10, silent: 1 } as const

export const weightOf = (counts: StateCounts): number =>
  counts.critical * weights.critical +
  counts.warning * weights.warning +
  counts.attention * weights.attention +
  counts.silent * weights.silent

/** The grids with something wrong, worst first, then by code so that the order stands still. */
export function worstGrids(
  grids: Iterable<Grid>,
  tallyOf: (gridId: number) => Tally,
  limit: number,
): WorstGrid[] {
  const rows: WorstGrid[] = []
  for (const grid of grids) {
    const counts = countStates(tallyOf(grid.id))
    const weight = weightOf(counts)
    if (weight > 0) rows.push({ grid, counts, weight })
  }
  rows.sort((a, b) => b.weight - a.weight || a.grid.code.localeCompare(b.grid.code))
  return rows.slice(0, limit)
}
