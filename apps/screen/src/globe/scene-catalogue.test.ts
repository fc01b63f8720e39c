import type { Catalogue } from '@gridkeeper/contracts'
import { describe, expect, it } from 'vitest'
import { rootOf, sceneCatalogue } from './scene-catalogue.ts'

const square = (lon: number) => [
  [
    [
      [lon, 0],
      [lon + 1, 0],
      [lon + 1, 1],
      [lon, 1],
      [lon, 0],
    ] as [number, number][],
  ],
]
const grid = (id: number, parentId: number | null, lon: number | null) => ({
  id,
  code: `G${id}`,
  name: `G${id}`,
  level: 0,
  rankLabel: null,
  parentId,
  households: null,
  area: lon === null ? null : square(lon),
})
const asset = (id: number, gridId: number | null, lon: number) => ({
  id,
  code: `A${id}`,
  name: '',
  kind: 'meter',
  lon,
  lat: 0.5,
  gridId,
})
const catalogue: Catalogue = {
  version: 1,
  grids: [grid(1, null, null), grid(2, 1, 10), grid(3, null, null), grid(4, 3, 110)],
  lines: [],
  ground: [
    { code: 'near', name: null, class: 'river', paths: [[[10.5, 1.2]]] },
    { code: 'far', name: null, class: 'river', paths: [[[110.5, 0.5]]] },
  ],
  assets: [asset(1, 2, 10.5), asset(2, 4, 110.5), asset(3, null, 10.6), asset(4, null, 110.6)],
  keepers: [],
}

describe('sceneCatalogue', () => {
  it('draws the district under one root, with what lies there without a grid', () => {
    const scene = sceneCatalogue(catalogue, 1)
    expect(scene.grids.map(({ id }) => id)).toEqual([1, 2])
    expect(scene.assets.map(({ id }) => id)).toEqual([1, 3])
    expect(scene.ground.map(({ code }) => code)).toEqual(['near'])
  })

  it('draws everything where nothing is chosen, or where there is one root only', () => {
    expect(sceneCatalogue(catalogue, null)).toBe(catalogue)
    const single = { ...catalogue, grids: catalogue.grids.slice(0, 2) }
    expect(sceneCatalogue(single, 1)).toBe(single)
  })
})

describe('rootOf', () => {
  it('goes up to the root, and knows none for nothing', () => {
    expect(rootOf(catalogue, 4)).toBe(3)
    expect(rootOf(catalogue, 3)).toBe(3)
    expect(rootOf(catalogue, null)).toBeNull()
  })
})
