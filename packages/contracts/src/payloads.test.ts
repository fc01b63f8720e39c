import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventPayload, fixPayload, readingPayload, readPlainReading, statusPayload } from './payloads.ts'

const fix = { lon: 120.5, lat: 30.25 }

describe('payloads', () => {
  it.each([
    ['a reading', readingPayload, { t: 1_763_726_400_000, id: 7, v: { ua: 221.3, note: 'x', list: [1] } }],
    ['a reading that says nothing', readingPayload, { v: {} }],
    ['a fix', fixPayload, { ...fix, t: 1, id: 'a', alt: -3, acc: 0, speed: 0, bearing: 360, battery: 100 }],
    ['a fix at a corner of the map', fixPayload, { lon: -180, lat: 90 }],
    ['an event', eventPayload, { event: 'trip', data: { cause: 'residual' } }],
    ['a status', statusPayload, { online: false }],
  ])('take %s as it is', (_what, schema, content) => {
    expect(schema.parse(content)).toEqual(content)
  })

  it.each([
    ['a reading without values', readingPayload, {}],
    ['values in an array', readingPayload, { v: [1] }],
    ['values in a text', readingPayload, { v: 'ua=1' }],
    ['a time in a text', readingPayload, { t: '2026-01-01', v: {} }],
    ['a time without end', readingPayload, { t: Infinity, v: {} }],
    ['no time by null', readingPayload, { t: null, v: {} }],
    ['a negative id', readingPayload, { id: -1, v: {} }],
    ['a broken id', readingPayload, { id: 1.5, v: {} }],
    ['an id beyond what is exact', readingPayload, { id: 2 ** 53, v: {} }],
    ['an empty id', readingPayload, { id: '', v: {} }],
    ['a long id', readingPayload, { id: 'x'.repeat(65), v: {} }],
    ['null', readingPayload, null],
    ['a number', eventPayload, 7],
    ['a place off the map', fixPayload, { ...fix, lon: 180.001 }],
    ['a place without latitude', fixPayload, { lon: 1 }],
    ['a negative radius', fixPayload, { ...fix, acc: -1 }],
    ['a bearing of 361°', fixPayload, { ...fix, bearing: 361 }],
    ['more than full', fixPayload, { ...fix, battery: 101 }],
    ['an event without a name', eventPayload, { event: '' }],
    ['an event with a long name', eventPayload, { event: 'x'.repeat(65) }],
    ['data that are no object', eventPayload, { event: 'x', data: [] }],
    ['a status that is neither', statusPayload, { online: 1 }],
  ])('refuse %s', (_what, schema, content) => {
    expect(schema.safeParse(content).success).toBe(false)
  })

  it('keep nothing that the protocol does not have', () => {
    expect(readingPayload.parse({ v: {}, more: 1 })).toEqual({ v: {} })
  })
})

describe('readPlainReading', () => {
  const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, -0, 2 ** 53, 1e300, NaN, Infinity))
  const text = fc.oneof(
    fc.string({ maxLength: 3 }),
    fc.constantFrom('__proto__', 'toString', 'x'.repeat(65), '7'),
  )
  const value = fc.oneof({ weight: 8, arbitrary: number }, fc.boolean(), fc.jsonValue())
  const anyReading = fc.record(
    {
      t: value,
      id: fc.oneof(number, text, fc.jsonValue()),
      v: fc.oneof({ weight: 8, arbitrary: fc.dictionary(text, value) }, fc.jsonValue()),
      more: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  /** As it comes from the wire: with `1e999`, which JSON has and a number has not, and own properties named `__proto__`. */
  const onWire = (content: unknown): unknown =>
    JSON.parse(
      JSON.stringify(content, (_key, given) => (given === Infinity ? '∞' : given)).replaceAll('"∞"', '1e999'),
    )

  it('says what the schema says, field by field and in the same order, or leaves it to the schema', () => {
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: anyReading }, fc.jsonValue()), (given) => {
        const content = onWire(given)
        const read = readPlainReading(content)
        if (read !== null) expect(JSON.stringify(read)).toBe(JSON.stringify(readingPayload.parse(content)))
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    { v: {} },
    { t: 1, v: { ua: 221.3, p: -0.5 } },
    { id: 7, v: { open: true } },
    { t: 1.5, id: 'a', v: { ua: 1 } },
  ])('reads %j itself', (content) => expect(readPlainReading(content)).toEqual(content))

  it.each([
    { v: { note: 'x' } },
    { v: { ua: null } },
    { t: Infinity, v: {} },
    { id: '', v: {} },
    { v: [1] },
    [],
    null,
    7,
  ])('leaves %j to the schema', (content) => expect(readPlainReading(content)).toBe(null))
})
