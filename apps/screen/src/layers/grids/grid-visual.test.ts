import { assetState } from '@gridkeeper/domain'
import { expect, it } from 'vitest'
import type { Catalogue } from '@gridkeeper/contracts'
import { describeDistrict } from '../../globe/district.ts'
import { createAssetStates, statesPerGrid } from '../asset-states.ts'
import { gridLabel } from './grid-visual.ts'

const ring: [number, number][] = [
  [113, 30],
  [113.1, 30],
  [113.1, 30.1],
  [113, 30],
]
const catalogue: Catalogue = {
  version: 1,
  grids: [
    {
      id: 1,
      code: 'G',
      name: '网格',
      level: 0,
      rankLabel: null,
      parentId: null,
      households: null,
      area: [[ring]],
    },
  ],
  lines: [],
  ground: [],
  assets: [],
  keepers: [],
}

const labelOf = (counts: Partial<Record<keyof typeof assetState, number>>) => {
  const states = createAssetStates(describeDistrict(catalogue)!)
  for (const [state, count] of Object.entries(counts))
    states.byGrid[0 * statesPerGrid + assetState[state as keyof typeof assetState]] = count
  return gridLabel(states, 0, [0, 0, 0], 'far').counts
}

it('calls a grid normal only if somebody in it speaks', () => {
  expect(labelOf({ normal: 3, unknown: 9 })).toEqual([{ state: 'normal', text: '12' }])
  expect(labelOf({ silent: 2, unknown: 9 })).toEqual([{ state: 'silent', text: '11' }])
  expect(labelOf({ unknown: 9 })).toEqual([{ state: 'unknown', text: '9' }])
})

it('puts the worst state first', () => {
  expect(labelOf({ normal: 3, attention: 4, critical: 1 })?.map(({ state }) => state)).toEqual([
    'critical',
    'attention',
  ])
})
