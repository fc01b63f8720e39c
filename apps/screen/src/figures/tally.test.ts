import type { AssetChange, Catalogue, KeeperChange } from '@gridkeeper/contracts'
import { assetState } from '@gridkeeper/domain'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRegistry } from './registry.ts'
import { countStates, loadKwOf, sumStates, Tallies } from './tally.ts'

const grid = (id: number, parentId: number | null) => ({
  id,
  code: `G${id}`,
  name: `grid ${id}`,
  level: 0,
  rankLabel: null,
  parentId,
  households: null,
  area: null,
})
const kindKeys = ['meter', 'protector', 'cover', 'transformer', 'not-a-kind']
const asset = (id: number) => ({
  id,
  code: `A${id}`,
  name: `asset ${id}`,
  kind: kindKeys[id % kindKeys.length] as string,
  lon: 120,
  lat: 30,
  gridId: id % 7 === 0 ? null : 3 + (id % 4),
})
const catalogue: Catalogue = {
  version: 1,
  grids: [grid(1, null), grid(2, 1), grid(3, 1), grid(4, 2), grid(5, 2), grid(6, 3)],
  lines: [],
  ground: [],
  assets: Array.from({ length: 20 }, (_, id) => asset(id)),
  keepers: [7, 8, 9].map((id) => ({ id, code: `K${id}`, name: `k${id}`, post: '', gridId: id - 3 })),
}
const registry = createRegistry(catalogue)

const assetChange: fc.Arbitrary<AssetChange> = fc.record({
  id: fc.integer({ min: 0, max: 22 }),
  timeMs: fc.option(fc.integer({ min: 0, max: 1e6 })),
  headline: fc.option(fc.float({ min: -100, max: 1e5, noNaN: true })),
  state: fc.integer({ min: 0, max: 6 }),
  flags: fc.constant(0),
})
const keeperChange: fc.Arbitrary<KeeperChange> = fc.record({
  id: fc.integer({ min: 6, max: 10 }),
  timeMs: fc.option(fc.constant(1)),
  lon: fc.constant(0),
  lat: fc.constant(0),
  bearingDeg: fc.constant(null),
  speedMps: fc.constant(null),
  accuracyM: fc.constant(null),
  batteryPct: fc.constant(null),
  state: fc.integer({ min: 0, max: 1 }),
})
const gridIds = [null, 1, 2, 3, 4, 5, 6]

describe('Tallies', () => {
  it('equals a full recount after any run of changes', () => {
    fc.assert(
      fc.property(
        fc.array(assetChange, { maxLength: 60 }),
        fc.array(keeperChange, { maxLength: 20 }),
        (told, met) => {
          const assets = new Map<number, AssetChange>()
          const keepers = new Map<number, KeeperChange>()
          const running = new Tallies(registry, assets, keepers)
          for (const next of told) {
            const previous = assets.get(next.id)
            assets.set(next.id, next)
            running.assetChanged(previous, next)
          }
          for (const next of met) {
            const previous = keepers.get(next.id)
            keepers.set(next.id, next)
            running.keeperChanged(previous, next)
          }
          const recount = new Tallies(registry, assets, keepers)
          for (const id of gridIds) expect(running.of(id)).toEqual(recount.of(id))
        },
      ),
    )
  })

  it('counts every asset of a known kind once, unknown until the stream tells', () => {
    const counts = countStates(new Tallies(registry, new Map(), new Map()).of(null))
    expect(sumStates(counts)).toBe(16)
    expect(counts.unknown).toBe(16)
  })

  it('sums the load of transformers only, and leaves silent ones out', () => {
    const told = (id: number, headline: number, state: number): [number, AssetChange] => [
      id,
      { id, timeMs: 1, headline, state, flags: 0 },
    ]
    const assets = new Map([told(3, 100.5, 0), told(8, 50, assetState.silent), told(5, 7, 0)])
    expect(loadKwOf(new Tallies(registry, assets, new Map()).of(null))).toBe(100.5)
    expect(loadKwOf(new Tallies(registry, new Map(), new Map()).of(null))).toBeNull()
  })
})
