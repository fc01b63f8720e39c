import { expect, it } from 'vitest'
import { addUpLoad } from './load-curve.ts'

const bucketMs = 900_000
const range = { fromMs: 0, toMs: 4 * bucketMs }

it('adds up the kinds in every bucket of the range, and knows nothing of a silent one', () => {
  const curve = addUpLoad(range, bucketMs, [
    { timeMs: 0, loadKw: 10, assets: 4 },
    { timeMs: 0, loadKw: 5, assets: 6 },
    { timeMs: bucketMs, loadKw: 12, assets: 10 },
  ])
  expect(curve.loadKw).toEqual([15, 12, null, null])
  expect(curve.timesMs).toEqual([0, bucketMs, 2 * bucketMs, 3 * bucketMs])
})

it('does not take half of the assets for the load of the district', () => {
  const curve = addUpLoad(range, bucketMs, [
    { timeMs: 0, loadKw: 100, assets: 10 },
    { timeMs: bucketMs, loadKw: 50, assets: 5 },
    { timeMs: 2 * bucketMs, loadKw: 95, assets: 9 },
  ])
  expect(curve.loadKw).toEqual([100, null, 95, null])
})

it('has no load where nobody ever spoke', () => {
  expect(addUpLoad(range, bucketMs, []).loadKw).toEqual([null, null, null, null])
})
