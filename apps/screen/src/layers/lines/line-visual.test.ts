import type { Line } from '@gridkeeper/contracts'
import { describe, expect, it } from 'vitest'
import { describeDistrict } from '../../globe/district.ts'
import { height, towerHeightM } from '../heights.ts'
import { lineVisuals, towerVisuals } from './line-visual.ts'

const line = (change: Partial<Line>): Line => ({
  id: 7,
  code: 'L7',
  name: '城西线',
  voltageKv: 10,
  laying: 'overhead',
  gridId: null,
  path: [
    [118, 36.8],
    [118.01, 36.8],
  ],
  towers: [
    [118, 36.8],
    [118.005, 36.8],
    [118.01, 36.8],
  ],
  ...change,
})
const district = describeDistrict({
  version: 1,
  grids: [],
  lines: [line({})],
  ground: [],
  assets: [],
  keepers: [],
})!

describe('lines', () => {
  it('hangs an overhead line on the tops of its towers', () => {
    const [wire] = lineVisuals(district, line({}), 1)
    expect(wire!.positions).toHaveLength(9)
    expect(wire!.positions[5]).toBeCloseTo(towerHeightM(10), 1)
    const masts = towerVisuals(district, line({}), 1).filter(
      ({ positions: p }) => p[0] === p[3] && p[1] === p[4],
    )
    expect(masts).toHaveLength(3)
    expect(masts[1]!.positions[5]).toBeCloseTo(wire!.positions[5]!, 1)
  })

  it('sets the cross-arm square to the line', () => {
    const arms = towerVisuals(district, line({}), 1).filter(({ positions: p }) => p[1] !== p[4])
    expect(arms).toHaveLength(3)
    for (const { positions: p } of arms) expect(Math.abs(p[0]! - p[3]!)).toBeLessThan(0.01)
  })

  it('lays a cable dashed on the ground, without towers', () => {
    const cable = line({ laying: 'cable' })
    const parts = lineVisuals(district, cable, 1)
    expect(parts.length).toBeGreaterThan(3)
    for (const { positions } of parts) expect(positions[2]).toBeLessThanOrEqual(height.cable + 0.01)
    expect(towerVisuals(district, cable, 1)).toEqual([])
  })

  it('can be touched at every part', () => {
    for (const part of lineVisuals(district, line({ laying: 'cable' }), 1))
      expect(part.target?.selection).toEqual({ type: 'line', id: 7 })
  })
})
