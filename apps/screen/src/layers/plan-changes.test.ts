import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planChanges } from './plan-changes.ts'

const picture = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 3 })))
  .map((pairs) => new Map(pairs))

describe('planChanges', () => {
  it('turns any picture into any other', () => {
    fc.assert(
      fc.property(picture, picture, (previous, next) => {
        const shown = new Map(previous)
        const { add, update, remove } = planChanges(previous, next)
        for (const key of remove) shown.delete(key)
        for (const [key, value] of [...add, ...update]) shown.set(key, value)
        expect(shown).toEqual(next)
      }),
    )
  })

  it('does nothing where nothing differs', () => {
    fc.assert(
      fc.property(picture, (same) => {
        const { add, update, remove } = planChanges(same, new Map(same))
        expect([add, update, remove].flat()).toEqual([])
      }),
    )
  })

  it('names each key at most once', () => {
    fc.assert(
      fc.property(picture, picture, (previous, next) => {
        const { add, update, remove } = planChanges(previous, next)
        const keys = [...add.map(([key]) => key), ...update.map(([key]) => key), ...remove]
        expect(new Set(keys).size).toBe(keys.length)
      }),
    )
  })
})
