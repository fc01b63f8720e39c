import type { Catalogue } from '@gridkeeper/contracts'
import { assetState } from '@gridkeeper/domain'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeDistrict } from '../../globe/district.ts'
import { createAssetStates } from '../asset-states.ts'
import { nearestPlaces, spriteOf } from './plan-sprites.ts'

const asset = { id: 1, code: 'a', name: 'a', kind: 'meter', lon: 118, lat: 36, gridId: null }
const catalogue: Catalogue = { version: 1, grids: [], lines: [], ground: [], keepers: [], assets: [asset] }

describe('asset sprites', () => {
  const states = createAssetStates(describeDistrict(catalogue)!)
  const sprite = (state: number, isGlyph: boolean, least: number) => {
    states.byAsset[0] = state
    return spriteOf(states, 0, isGlyph, least)
  }

  it('leaves a normal asset to its point until one is near', () => {
    expect(sprite(assetState.normal, false, assetState.attention)).toBeNull()
    expect(sprite(assetState.normal, true, assetState.attention)?.image).toContain('meter')
  })

  it('marks an alarm from the least state on, and shows its kind when near', () => {
    expect(sprite(assetState.attention, false, assetState.warning)).toBeNull()
    expect(sprite(assetState.critical, false, assetState.warning)).not.toBeNull()
    expect(sprite(assetState.critical, true, assetState.warning)!.sizePx).toBeGreaterThan(
      sprite(assetState.normal, true, assetState.warning)!.sizePx,
    )
  })

  it('finds the nearest places and no more than asked', () => {
    const number = fc.integer({ min: -500, max: 500 })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(number, number), { maxLength: 80 }),
        fc.integer({ min: 1, max: 20 }),
        (all, limit) => {
          const found = nearestPlaces(new Float32Array(all.flat()), 0, 0, 300, limit)
          const distances = all.map(([x, y]) => Math.hypot(x, y))
          const within = distances.filter((distance) => distance <= 300)
          expect(found.size).toBe(Math.min(limit, within.length))
          const farthest = Math.max(0, ...[...found].map((index) => distances[index]!))
          const missed = distances.filter(
            (distance, index) => !found.has(index) && distance < farthest - 1e-6,
          )
          expect(missed).toEqual([])
        },
      ),
    )
  })
})
