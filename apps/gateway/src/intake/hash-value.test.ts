import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashValue } from './hash-value.ts'

describe('hashValue', () => {
  it('is the same for the same JSON, and another for any other', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const isSame = JSON.stringify(a) === JSON.stringify(b)
        expect(hashValue(a) === hashValue(b)).toBe(isSame)
        expect(hashValue(JSON.parse(JSON.stringify(a)))).toBe(hashValue(a))
      }),
      { numRuns: 3_000 },
    )
  })

  it('tells apart what differs in one place, wherever it is', () => {
    const reading = (ua: number, p: number, kwh: number, t = 1_763_726_400_000) => ({
      t,
      v: { ua, ub: 0, p, kwh },
    })
    const seen = new Set<bigint>()
    let count = 0
    for (const ua of [0, 1, 2, -1, 0.5, 221.3])
      for (const p of [0, 1, 2, 4, -4, 1e-9])
        for (let kwh = 0; kwh < 500; kwh++, count++) seen.add(hashValue(reading(ua, p, kwh / 100)))
    for (let t = 1; t <= 10_000; t++, count++) seen.add(hashValue(reading(1, 1, 1, t)))
    expect(seen.size).toBe(count)
  })

  it.each([
    [{ a: 1 }, { b: 1 }],
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    [{ a: {} }, { a: [] }],
    [
      ['ab', 'c'],
      ['a', 'bc'],
    ],
    [[[1], 2], [[1, 2]]],
    [{ a: { b: 1 }, c: 2 }, { a: { b: 1, c: 2 } }],
    [null, false],
    ['1', 1],
  ])('tells %j from %j', (a, b) => expect(hashValue(a)).not.toBe(hashValue(b)))

  it('never changes: stored ids are made of it', () => {
    expect([
      hashValue({ t: 1_763_726_400_000, v: { ua: 221.3, open: true } }),
      hashValue('a'),
      hashValue(null),
    ]).toEqual([-1_342_997_302_457_518_462n, 8_101_287_890_523_062_579n, -7_997_879_229_897_590_171n])
  })
})
