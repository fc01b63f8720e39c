import type { Catalogue } from '@gridkeeper/contracts'
import { describe, expect, it } from 'vitest'
import { findOwners } from './find-owners.ts'

const asset = (code: string, name: string) => ({
  id: 1,
  code,
  name,
  kind: 'meter',
  lon: 0,
  lat: 0,
  gridId: 7,
})
const catalogue: Catalogue = {
  version: 1,
  grids: [
    {
      id: 7,
      code: 'G',
      name: '一号网格',
      level: 0,
      rankLabel: null,
      parentId: null,
      households: null,
      area: null,
    },
  ],
  lines: [],
  ground: [],
  assets: [
    asset('XM-1', '旧表'),
    asset('M-10', '十号表'),
    asset('M-1', '一号表'),
    asset('T-9', 'M-1 旁配变'),
  ],
  keepers: [{ id: 1, code: 'K-1', name: '张三', post: '网格员', gridId: null }],
}

describe('findOwners', () => {
  it('puts the code itself first, then codes, then names that begin so, then whatever has it inside', () => {
    const codes = findOwners(catalogue, 'asset', ' m-1 ', 9).map(({ code }) => code)
    expect(codes).toEqual(['M-1', 'M-10', 'T-9', 'XM-1'])
  })
  it('finds by a part of the name, and says of which grid', () => {
    expect(findOwners(catalogue, 'asset', '十号', 9)).toMatchObject([{ code: 'M-10', gridName: '一号网格' }])
    expect(findOwners(catalogue, 'keeper', '三', 9)).toMatchObject([{ code: 'K-1', gridName: null }])
  })
  it('finds nothing for nothing, and no more than is asked for', () => {
    expect(findOwners(catalogue, 'asset', '  ', 9)).toEqual([])
    expect(findOwners(catalogue, 'asset', 'm', 2)).toHaveLength(2)
  })
})
