import { describe, expect, it } from 'vitest'
import { GridTree } from './grid-tree.ts'

const grid = (id: number, parentId: number | null) => ({ id, name: `G${id}`, parentId })
const tree = new GridTree([grid(1, null), grid(2, 1), grid(3, 1), grid(4, 2), grid(8, 9), grid(9, 8)])

describe('GridTree', () => {
  it('goes up from a grid to its root', () => {
    expect(tree.pathUp(4)).toEqual([4, 2, 1])
    expect(tree.namesDown(4)).toEqual(['G1', 'G2', 'G4'])
  })

  it('knows what is under a grid', () => {
    expect([...tree.subtree(1)].sort()).toEqual([1, 2, 3, 4])
    expect(tree.isWithin(4, 2)).toBe(true)
    expect(tree.isWithin(3, 2)).toBe(false)
    expect(tree.isWithin(null, null)).toBe(true)
    expect(tree.isWithin(null, 1)).toBe(false)
  })

  it('ends where it meets a circle or nothing', () => {
    expect(tree.pathUp(8)).toEqual([8, 9])
    expect([...tree.subtree(8)].sort()).toEqual([8, 9])
    expect(tree.pathUp(77)).toEqual([])
    expect(tree.subtree(77).size).toBe(0)
  })
})
