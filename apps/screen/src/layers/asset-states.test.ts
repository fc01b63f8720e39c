import type { AssetChange, Catalogue } from '@gridkeeper/contracts'
import { assetState } from '@gridkeeper/domain'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeDistrict } from '../globe/district.ts'
import { applyFlush, createAssetStates, statesPerGrid, tallyOf, worse } from './asset-states.ts'

const square = (lon: number) =>
  [
    [
      [
        [lon, 36],
        [lon + 1, 36],
        [lon + 1, 37],
        [lon, 37],
        [lon, 36],
      ],
    ],
  ] as [number, number][][][]
const catalogue: Catalogue = {
  version: 1,
  lines: [],
  ground: [],
  keepers: [],
  grids: [
    {
      id: 1,
      code: 'C',
      name: '公司',
      level: 0,
      rankLabel: null,
      parentId: null,
      households: null,
      area: null,
    },
    {
      id: 2,
      code: 'A',
      name: '甲',
      level: 1,
      rankLabel: null,
      parentId: 1,
      households: null,
      area: square(117),
    },
    {
      id: 3,
      code: 'B',
      name: '乙',
      level: 1,
      rankLabel: null,
      parentId: 1,
      households: null,
      area: square(118),
    },
  ],
  assets: Array.from({ length: 40 }, (_, i) => ({
    id: 100 + i,
    code: `a${i}`,
    name: `a${i}`,
    kind: 'meter',
    lon: 117.5 + (i % 2),
    lat: 36.5,
    gridId: i === 39 ? null : 2 + (i % 2),
  })),
}
const district = describeDistrict(catalogue)!
const change = (id: number, state: number): AssetChange => ({
  id,
  state,
  timeMs: 0,
  headline: null,
  flags: 0,
})
const updates = fc.array(
  fc.array(fc.record({ id: fc.integer({ min: 95, max: 145 }), state: fc.integer({ min: 0, max: 5 }) }), {
    maxLength: 30,
  }),
  { maxLength: 12 },
)

describe('asset states', () => {
  it('keeps the sums by grid equal to a recount after any run of flushes', () => {
    fc.assert(
      fc.property(updates, fc.integer({ min: 0, max: 12 }), (flushes, snapshotAt) => {
        const twin = new Map<number, AssetChange>()
        const states = createAssetStates(district)
        flushes.forEach((flush, i) => {
          for (const { id, state } of flush) twin.set(id, change(id, state))
          applyFlush(states, twin, { isSnapshot: i === snapshotAt, assetIds: flush.map(({ id }) => id) })
        })
        const recount = new Int32Array(district.leaves.length * statesPerGrid)
        states.byAsset.forEach((state, index) => {
          expect(state).toBe(twin.get(100 + index)?.state ?? assetState.unknown)
          const leaf = district.leafOfAsset[index]!
          if (leaf >= 0) recount[leaf * statesPerGrid + state]!++
        })
        expect(states.byGrid).toEqual(recount)
        expect(tallyOf(states, 0).total + tallyOf(states, 1).total).toBe(39)
      }),
    )
  })

  it('tells an asset only when its state differs', () => {
    const states = createAssetStates(district)
    const twin = new Map([[100, change(100, assetState.normal)]])
    expect(applyFlush(states, twin, { isSnapshot: false, assetIds: [100] }).assets).toEqual([0])
    expect(applyFlush(states, twin, { isSnapshot: false, assetIds: [100] }).assets).toEqual([])
  })

  it('raises what got worse, and nothing on a snapshot', () => {
    const states = createAssetStates(district)
    const twin = new Map<number, AssetChange>()
    const say = (state: number, isSnapshot = false) => {
      twin.set(100, change(100, state))
      return applyFlush(states, twin, { isSnapshot, assetIds: [100] }).raised
    }
    expect(say(assetState.warning)).toEqual([0])
    expect(say(assetState.attention)).toEqual([])
    expect(say(assetState.critical, true)).toEqual([])
    expect(say(assetState.silent)).toEqual([])
    expect(say(assetState.attention)).toEqual([0])
  })

  it('ranks an open alarm above silence and silence above normal', () => {
    expect(worse(assetState.silent, assetState.attention)).toBe(assetState.attention)
    expect(worse(assetState.normal, assetState.silent)).toBe(assetState.silent)
    expect(worse(assetState.critical, assetState.unknown)).toBe(assetState.critical)
  })
})
