import { assetState, assetStateNames } from '@gridkeeper/domain'
import { describe, expect, it } from 'vitest'
import { stateShape } from '../../app/theme.ts'
import { leastMarkedState, markVisual, pointVisuals } from './asset-visual.ts'

describe('asset visuals', () => {
  it('gives every state exactly one of point and mark', () => {
    assetStateNames.forEach((_, state) => {
      expect(pointVisuals[state]!.isShown).toBe(markVisual(state) === null)
    })
  })

  it('tells alarms apart by shape and by size, the worst the greatest', () => {
    const marks = [assetState.attention, assetState.warning, assetState.critical].map((state) =>
      markVisual(state)!,
    )
    expect(new Set(marks.map(({ shape }) => shape)).size).toBe(3)
    expect(marks.map(({ sizePx }) => sizePx)).toEqual(
      marks.map(({ sizePx }) => sizePx).toSorted((a, b) => a - b),
    )
  })

  it('gives each state its own shape', () => {
    expect(new Set(Object.values(stateShape)).size).toBe(assetStateNames.length)
  })

  it('keeps silence hollow', () => {
    const silent = pointVisuals[assetState.silent]!
    expect(silent.alpha).toBe(0)
    expect(silent.outlinePx).toBeGreaterThan(0)
  })

  it('never hides a critical alarm, however far', () => {
    for (const detail of ['far', 'middle', 'near'] as const)
      expect(leastMarkedState(detail)).toBeLessThanOrEqual(assetState.critical)
  })
})
