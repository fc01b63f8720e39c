import { describe, expect, it } from 'vitest'
import { kinds } from '@gridkeeper/domain'
import type { Tally } from './tally.ts'
import { worstGrids } from './worst-grids.ts'

const grid = (id: number) => ({
  id,
  code: `G${id}`,
  name: `g${id}`,
  level: 2,
  rankLabel: null,
  parentId: null,
  households: null,
  area: null,
})
const tally = (states: readonly number[]): Tally => {
  const counts = new Int32Array(kinds.length * 6)
  counts.set(states)
  return { counts, loadW: 0, loadAssets: 0, keepers: 0, keepersOnDuty: 0, keepersUnplaced: 0 }
}

describe('worstGrids', () => {
  const byId: Record<number, Tally> = {
    1: tally([50, 0, 9, 0, 0, 0]),
    2: tally([50, 0, 0, 1, 0, 0]),
    3: tally([50, 0, 0, 0, 0, 4]),
    4: tally([50, 0, 0, 0, 3, 0]),
  }
  it('puts one critical before nine warnings and leaves healthy grids out', () => {
    const rows = worstGrids([1, 2, 3, 4].map(grid), (id) => byId[id] as Tally, 5)
    expect(rows.map((row) => row.grid.id)).toEqual([2, 1, 4])
  })
  it('keeps to its limit', () => {
    expect(worstGrids([1, 2, 4].map(grid), (id) => byId[id] as Tally, 1)).toHaveLength(1)
  })
})
