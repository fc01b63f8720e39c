import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Kind, Metric } from './kinds/kind.ts'
import { kinds } from './kinds/index.ts'
import { checkValues, flag, type CheckedValues } from './quality.ts'

const metric = (key: string, type: Metric['type'], range?: readonly [number, number]): Metric => ({
  key,
  label: { zh: key, en: key },
  unit: '',
  type,
  decimals: 0,
  ...(range === undefined ? {} : { range }),
})
const kind: Kind = {
  key: 'sample',
  label: { zh: '样', en: 'Sample' },
  code: 1,
  symbol: 'sample',
  metrics: [metric('n', 'number', [0, 10]), metric('i', 'integer'), metric('b', 'boolean')],
  headline: 'n',
  curve: ['n'],
  silentAfterMs: 1,
  rules: [],
}

const accepted = (raw: Record<string, unknown>): CheckedValues => {
  const result = checkValues(kind, raw)
  if (!result.ok) throw new Error(result.detail)
  return result.checked
}

describe('checkValues', () => {
  it('puts values in the order of the metrics, null where the message says nothing', () => {
    expect(accepted({ b: true, n: 1.5 })).toEqual({
      values: [1.5, null, true],
      extra: null,
      flags: 0,
      outOfRange: [],
    })
    expect(accepted({})).toMatchObject({ values: [null, null, null], extra: null })
  })

  it('takes an explicit null for an absent key', () => {
    expect(accepted({ n: null, i: 3 })).toEqual(accepted({ i: 3 }))
  })

  it('takes 0 and 1 for booleans', () => {
    expect(accepted({ b: 0 }).values).toEqual([null, null, false])
    expect(accepted({ b: 1 }).values).toEqual([null, null, true])
  })

  it.each([
    ['n', '1', 'n: expected number, got string'],
    ['n', true, 'n: expected number, got boolean'],
    ['n', [1], 'n: expected number, got array'],
    ['n', Infinity, 'n: expected number, got Infinity'],
    ['n', NaN, 'n: expected number, got NaN'],
    ['i', 1.5, 'i: expected integer, got 1.5'],
    ['b', 2, 'b: expected boolean, got 2'],
    ['b', 'true', 'b: expected boolean, got string'],
    ['b', {}, 'b: expected boolean, got object'],
  ])('refuses the whole message for %s = %o', (key, value, detail) => {
    expect(checkValues(kind, { i: 1, [key]: value })).toEqual({ ok: false, reason: 'wrong-type', detail })
  })

  it('keeps a value out of its range, and flags it', () => {
    expect(accepted({ n: 10.001 })).toEqual({
      values: [10.001, null, null],
      extra: null,
      flags: flag.outOfRange,
      outOfRange: ['n'],
    })
    expect(accepted({ n: 10 }).flags).toBe(0)
    expect(accepted({ n: 0 }).flags).toBe(0)
    expect(accepted({ n: -0.001 }).outOfRange).toEqual(['n'])
  })

  it('keeps unknown keys aside, and flags them', () => {
    expect(accepted({ n: 1, x: [1], y: null })).toEqual({
      values: [1, null, null],
      extra: { x: [1], y: null },
      flags: flag.unknownKeys,
      outOfRange: [],
    })
  })

  it('keeps a number too great for its column aside, as it was said', () => {
    expect(accepted({ n: 1e39, i: 2 })).toEqual({
      values: [null, 2, null],
      extra: { n: 1e39 },
      flags: flag.outOfRange,
      outOfRange: ['n'],
    })
    expect(accepted({ i: 2 ** 31 }).extra).toEqual({ i: 2 ** 31 })
    expect(accepted({ i: 2 ** 31 - 1 }).values).toEqual([null, 2 ** 31 - 1, null])
    expect(accepted({ i: -(2 ** 31) }).values).toEqual([null, -(2 ** 31), null])
    expect(accepted({ n: -3.4028235e38 }).values).toEqual([-3.4028235e38, null, null])
  })

  it('takes a number too small for single precision for zero, since a column of it takes no such literal', () => {
    expect(accepted({ n: 1e-50 }).values).toEqual([0, null, null])
    expect(accepted({ n: 2 ** -149 }).values).toEqual([2 ** -149, null, null])
  })

  it('never loses a key nor fails: each is a value, in extra, or the reason of the refusal', () => {
    const keys = [...new Set(kinds.flatMap(({ metrics }) => metrics.map(({ key }) => key)))]
    const said = fc.dictionary(
      fc.oneof(fc.constantFrom(...keys), fc.string()),
      fc.oneof(fc.double(), fc.integer(), fc.boolean(), fc.constant(null), fc.string()),
      {
        noNullPrototype: true,
      },
    )
    fc.assert(
      fc.property(fc.constantFrom(...kinds), said, (given, raw) => {
        const result = checkValues(given, raw)
        if (!result.ok) {
          expect(result.detail).toMatch(/expected (number|integer|boolean), got/)
          return
        }
        const { values, extra, flags, outOfRange } = result.checked
        expect(values).toHaveLength(given.metrics.length)
        for (const [key, value] of Object.entries(raw)) {
          const place = given.metrics.findIndex((known) => known.key === key)
          const isKept = place >= 0 && values[place] !== null
          expect(isKept || value === null || (extra !== null && Object.is(extra[key], value)), key).toBe(true)
        }
        expect((flags & flag.outOfRange) !== 0).toBe(outOfRange.length > 0)
      }),
    )
  })
})
