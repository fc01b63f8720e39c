import type { Catalogue } from '@gridkeeper/contracts'
import { expect, it } from 'vitest'
import { createRegistry, largestRoot } from './registry.ts'

const grid = (id: number, parentId: number | null) => ({
  id,
  code: `G${id}`,
  name: `G${id}`,
  level: 0,
  rankLabel: null,
  parentId,
  households: null,
  area: null,
})
const asset = (id: number, gridId: number | null) => ({
  id,
  code: `A${id}`,
  name: '',
  kind: 'meter',
  lon: 0,
  lat: 0,
  gridId,
})
const catalogue = (parts: Partial<Catalogue>): Catalogue => ({
  version: 1,
  grids: [],
  lines: [],
  ground: [],
  assets: [],
  keepers: [],
  ...parts,
})

it('finds the root that most assets stand under', () => {
  const registry = createRegistry(
    catalogue({
      grids: [grid(1, null), grid(2, null), grid(3, 2)],
      assets: [asset(1, 1), asset(2, 3), asset(3, 3), asset(4, null)],
    }),
  )
  expect(largestRoot(registry)).toBe(2)
})

it('has a largest root also where nothing stands, and none without grids', () => {
  expect(largestRoot(createRegistry(catalogue({ grids: [grid(1, null), grid(2, null)] })))).toBe(1)
  expect(largestRoot(createRegistry(catalogue({})))).toBeNull()
})
