import { deviceKeyPattern } from '@gridkeeper/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foreignKey } from './foreign-key.ts'

describe('foreignKey', () => {
  it.each([
    ['owntracks:jane:phone', ['jane', 'phone']],
    [
      'owntracks:ckrey:22A67880-15C3-41A6-9157-25545C7993AC',
      ['ckrey', '22A67880-15C3-41A6-9157-25545C7993AC'],
    ],
    ['owntracks:a.3Ab:c', ['a:b', 'c']],
    ['owntracks:a.2Eb', ['a.b']],
    ['owntracks:.E7.94.B5', ['电']],
  ])('writes %s', (key, parts) => {
    expect(foreignKey('owntracks', ...parts)).toBe(key)
  })

  it('names nobody by an empty part', () => {
    expect(foreignKey('owntracks', 'jane', '')).toBeNull()
  })

  // A lone half of a surrogate pair is no character: no UTF-8 has it.
  const part = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 30 })
    .filter((text) => !/\p{Surrogate}/u.test(text))
  const name = fc.oneof(fc.tuple(part), fc.tuple(part, part))

  it('always gives a device key, and different ones to different names', () => {
    fc.assert(
      fc.property(name, name, (one, other) => {
        const key = foreignKey('p', ...one)
        expect(key).toMatch(deviceKeyPattern)
        expect(key === foreignKey('p', ...other)).toBe(JSON.stringify(one) === JSON.stringify(other))
      }),
    )
  })
})
