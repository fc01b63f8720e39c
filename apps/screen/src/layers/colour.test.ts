import { describe, expect, it } from 'vitest'
import { mix, rgbOf } from './colour.ts'

describe('colour', () => {
  it('mixes from one end to the other', () => {
    expect(mix(rgbOf('#ff0000'), rgbOf('#000000'), 0)).toEqual([0, 0, 0])
    expect(mix(rgbOf('#ff0000'), rgbOf('#000000'), 1)).toEqual([255, 0, 0])
    expect(mix([200, 100, 0], [0, 0, 100], 0.5)).toEqual([100, 50, 50])
  })
})
