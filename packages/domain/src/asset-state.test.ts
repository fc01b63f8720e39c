import { expect, it } from 'vitest'
import { assetState, assetStateNames, worstOf } from './asset-state.ts'

it('names every state at the place of its number', () => {
  assetStateNames.forEach((name, at) => expect(assetState[name]).toBe(at))
  expect(assetStateNames).toHaveLength(Object.keys(assetState).length)
})

it('takes the worst of the open alarms, and normal of none', () => {
  expect(worstOf([])).toBe(assetState.normal)
  expect(worstOf(['attention', 'critical', 'warning'])).toBe(assetState.critical)
  expect(worstOf(['attention', 'warning', 'attention'])).toBe(assetState.warning)
})
