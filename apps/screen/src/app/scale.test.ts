import { describe, expect, it } from 'vitest'
import { layoutFor } from './scale.ts'

describe('layoutFor', () => {
  it('is the base at 1920×1080 and grows in both directions together', () => {
    expect(layoutFor(1920, 1080)).toEqual({ scale: 1, columnsPerSide: 1 })
    expect(layoutFor(3840, 2160)).toEqual({ scale: 2, columnsPerSide: 1 })
  })
  it('gives a wide wall more scene first and then more columns, never larger text', () => {
    expect(layoutFor(2560, 1080)).toEqual({ scale: 1, columnsPerSide: 1 })
    expect(layoutFor(3840, 1080)).toEqual({ scale: 1, columnsPerSide: 2 })
  })
  it('keeps a laptop whole', () => {
    expect(layoutFor(1366, 768)).toMatchObject({ columnsPerSide: 1 })
    expect(layoutFor(1366, 768).scale).toBeCloseTo(768 / 1080, 3)
  })
  it('folds the columns of narrow and low screens, at a size to be read from near', () => {
    expect(layoutFor(390, 844)).toEqual({ scale: 1, columnsPerSide: 0 })
    expect(layoutFor(844, 390)).toEqual({ scale: 1, columnsPerSide: 0 })
    expect(layoutFor(768, 1024).columnsPerSide).toBe(0)
  })
})
