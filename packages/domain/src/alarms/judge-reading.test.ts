import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kinds } from '../kinds/index.ts'
import type { AlarmRule, Kind } from '../kinds/kind.ts'
import { checkValues } from '../quality.ts'
import { judgeReading } from './judge-reading.ts'

const rule = (over: Partial<AlarmRule>): AlarmRule => ({
  key: 'rule',
  label: { zh: '规则', en: 'Rule' },
  severity: 'warning',
  metrics: ['a'],
  when: 'above',
  raise: 10,
  clear: 8,
  ...over,
})
const kindWith = (...rules: AlarmRule[]): Kind => ({
  key: 'sample',
  label: { zh: '样', en: 'Sample' },
  code: 1,
  symbol: 'sample',
  metrics: ['a', 'b'].map((key) => ({
    key,
    label: { zh: key, en: key },
    unit: '',
    type: 'number',
    decimals: 0,
    range: [-100, 100] as const,
  })),
  headline: 'a',
  curve: ['a'],
  silentAfterMs: 1,
  rules,
})

/** What changes, as `+rule` and `-rule`. */
function judge(kind: Kind, raw: Record<string, unknown>, open: readonly string[] = []): string[] {
  const result = checkValues(kind, raw)
  if (!result.ok) throw new Error(result.detail)
  return judgeReading(kind, result.checked, new Set(open)).map(
    (change) => `${change.type === 'raised' ? '+' : '-'}${change.rule.key}`,
  )
}

describe('judgeReading', () => {
  const above = kindWith(rule({}))
  const below = kindWith(rule({ when: 'below', raise: 10, clear: 12 }))
  const is = kindWith(rule({ when: 'is', raise: 1, clear: 2 }))

  it.each([
    [above, { a: 10 }, [], []],
    [above, { a: 10.1 }, [], ['+rule']],
    [above, { a: 10.1 }, ['rule'], []],
    [above, { a: 8.1 }, ['rule'], []],
    [above, { a: 8 }, ['rule'], ['-rule']],
    [above, { a: 8 }, [], []],
    [below, { a: 10 }, [], []],
    [below, { a: 9.9 }, [], ['+rule']],
    [below, { a: 11.9 }, ['rule'], []],
    [below, { a: 12 }, ['rule'], ['-rule']],
    [is, { a: 1 }, [], ['+rule']],
    [is, { a: 3 }, ['rule'], []],
    [is, { a: 2 }, ['rule'], ['-rule']],
  ])('raises at the limit and clears behind the gap (%#)', (kind, raw, open, expected) => {
    expect(judge(kind, raw, open)).toEqual(expected)
  })

  it('tells which metric broke the limit, and by what', () => {
    const kind = kindWith(rule({ metrics: ['a', 'b'] }))
    const result = checkValues(kind, { a: 1, b: 11 })
    expect(result.ok && judgeReading(kind, result.checked, new Set())).toMatchObject([
      { type: 'raised', metric: 'b', value: 11 },
    ])
  })

  it('leaves a rule as it is when a message says nothing of it', () => {
    expect(judge(above, { b: 99 }, ['rule'])).toEqual([])
    expect(judge(above, { a: null }, ['rule'])).toEqual([])
    expect(judge(above, { b: 99 })).toEqual([])
  })

  it('clears a rule of several metrics only when all that the message says are quiet', () => {
    const kind = kindWith(rule({ metrics: ['a', 'b'] }))
    expect(judge(kind, { a: 1, b: 9 }, ['rule'])).toEqual([])
    expect(judge(kind, { a: 1, b: 8 }, ['rule'])).toEqual(['-rule'])
  })

  it('neither raises nor clears by a value out of its physical range', () => {
    expect(judge(above, { a: 101 })).toEqual([])
    expect(judge(above, { a: -101 }, ['rule'])).toEqual([])
  })

  it('judges booleans as 0 and 1', () => {
    const kind = kinds.find(({ key }) => key === 'cover')!
    expect(judge(kind, { open: true })).toEqual(['+opened'])
    expect(judge(kind, { open: false }, ['opened'])).toEqual(['-opened'])
  })

  it('never flaps: a value that stays within the gap changes nothing after the first change', () => {
    const within = fc.double({ min: 8.0001, max: 10, noNaN: true })
    fc.assert(
      fc.property(fc.array(within, { minLength: 1 }), fc.boolean(), (values, isOpen) => {
        for (const a of values) expect(judge(above, { a }, isOpen ? ['rule'] : [])).toEqual([])
      }),
    )
  })

  it('says of a message twice in a row nothing the second time', () => {
    const raw = fc.dictionary(fc.constantFrom('a', 'b'), fc.double({ min: -120, max: 120, noNaN: true }), {
      noNullPrototype: true,
    })
    const kind = kindWith(
      rule({ key: 'high' }),
      rule({ key: 'low', when: 'below', raise: -10, clear: -8, metrics: ['a', 'b'] }),
    )
    fc.assert(
      fc.property(raw, fc.subarray(['high', 'low']), (said, openBefore) => {
        const open = new Set(openBefore)
        for (const change of judge(kind, said, openBefore)) {
          const key = change.slice(1)
          expect(open.has(key)).toBe(change.startsWith('-'))
          if (change.startsWith('+')) open.add(key)
          else open.delete(key)
        }
        expect(judge(kind, said, [...open])).toEqual([])
      }),
    )
  })
})
