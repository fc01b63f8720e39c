import type { KeeperChange } from '@gridkeeper/contracts'
import { describe, expect, it } from 'vitest'
import { createRegistry } from '../figures/registry.ts'
import { answeringKeeper } from './answering-keeper.ts'

const grid = (id: number, parentId: number | null) => ({
  id,
  code: `G${id}`,
  name: `g${id}`,
  level: 0,
  rankLabel: null,
  parentId,
  households: null,
  area: null,
})
const keeper = (id: number, gridId: number) => ({ id, code: `K${id}`, name: `k${id}`, post: '', gridId })
const asset = { id: 1, code: 'A', name: 'a', kind: 'cover', lon: 120, lat: 30, gridId: 3 }
const registry = createRegistry({
  version: 1,
  grids: [grid(1, null), grid(2, 1), grid(3, 2), grid(4, 2)],
  lines: [],
  ground: [],
  assets: [asset],
  keepers: [keeper(11, 3), keeper(12, 3), keeper(13, 4)],
})
const at = (id: number, lon: number, part: Partial<KeeperChange> = {}): [number, KeeperChange] => [
  id,
  {
    id,
    timeMs: 1,
    lon,
    lat: 30,
    bearingDeg: null,
    speedMps: 1.2,
    accuracyM: null,
    batteryPct: null,
    state: 1,
    ...part,
  },
]

describe('answeringKeeper', () => {
  it('is the nearest on duty in the own grid, even if another grid has a nearer one', () => {
    const found = answeringKeeper(asset, registry, new Map([at(11, 120.02), at(12, 120.01), at(13, 120)]))
    expect(found).toMatchObject({ keeper: { id: 12 }, isMoving: true })
    expect(found?.distanceM).toBeGreaterThan(900)
  })
  it('is sought one grid higher when nobody is on duty in the own', () => {
    expect(
      answeringKeeper(asset, registry, new Map([at(11, 120, { state: 0 }), at(13, 121)]))?.keeper.id,
    ).toBe(13)
  })
  it('may be without a position, which is no distance of zero', () => {
    expect(
      answeringKeeper(asset, registry, new Map([at(11, 0, { timeMs: null, speedMps: null })])),
    ).toMatchObject({
      distanceM: null,
      isMoving: null,
    })
  })
  it('is nobody when nobody is on duty', () => expect(answeringKeeper(asset, registry, new Map())).toBeNull())
})
