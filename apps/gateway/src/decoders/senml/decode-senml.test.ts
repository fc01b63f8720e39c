import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeWith, itNeverThrows, nowMs } from '../decoder.trial.ts'
import { senml } from './decode-senml.ts'

const topic = 'gk/v1/M-1/senml'
const decode = (content: unknown) => decodeWith(senml, topic, content)
const readingsOf = (content: unknown) => {
  const { items, rejections } = decode(content)
  expect(rejections).toEqual([])
  return items.map(({ payload }) => payload)
}

describe('SenML', () => {
  // RFC 8428, sections 5.1.1 to 5.1.3.
  it('reads the examples of the standard', () => {
    expect(readingsOf([{ n: 'urn:dev:ow:10e2073a01080063', u: 'Cel', v: 23.1 }])).toEqual([
      { v: { '10e2073a01080063': 23.1 } },
    ])
    expect(
      readingsOf([
        { bn: 'urn:dev:ow:10e2073a01080063:', n: 'voltage', u: 'V', v: 120.1 },
        { n: 'current', u: 'A', v: 1.2 },
      ]),
    ).toEqual([{ v: { voltage: 120.1, current: 1.2 } }])
    expect(
      readingsOf([
        {
          bn: 'urn:dev:ow:10e2073a0108006:',
          bt: 1.276020076001e9,
          bu: 'A',
          bver: 5,
          n: 'voltage',
          u: 'V',
          v: 120.1,
        },
        { n: 'current', t: -1, v: 1.3 },
        { n: 'current', v: 1.7 },
      ]),
    ).toEqual([
      { t: 1276020076001, v: { voltage: 120.1, current: 1.7 } },
      { t: 1276020075001, v: { current: 1.3 } },
    ])
  })

  it('converts to the unit of our metric, once', () => {
    expect(
      readingsOf([
        { n: 'p', u: 'W', v: 1500 },
        { n: 'kwh', u: 'J', v: 7_200_000 },
        { n: 'residual', u: 'A', v: 0.03 },
        { n: 'level', u: 'm', v: 1.25 },
        { n: 'temp', u: 'Cel', v: 20 },
        { n: 'ua', v: 220 },
      ]),
    ).toEqual([{ v: { p: 1.5, kwh: 2, residual: 30, level: 1250, temp: 20, ua: 220 } }])
  })

  it('counts small times from now, and takes zero as now', () => {
    expect(readingsOf([{ n: 'ua', v: 1, t: -2.5 }])).toEqual([{ t: nowMs - 2500, v: { ua: 1 } }])
    expect(readingsOf([{ n: 'ua', v: 1, t: 0 }])).toEqual([{ v: { ua: 1 } }])
  })

  it('adds the base value to numbers, and takes texts and truths as they are', () => {
    expect(
      readingsOf([
        { bn: 'x/', bv: 200 },
        { n: 'ua', v: 20 },
        { n: 'open', vb: true },
        { n: 'note', vs: 'a' },
      ]),
    ).toEqual([{ v: { ua: 220, open: true, note: 'a' } }])
  })

  it.each([
    ['two values', [{ n: 'ua', v: 1, vs: 'x' }]],
    ['no value', [{ n: 'ua' }]],
    ['a field that must be understood', [{ n: 'ua', v: 1, foo_: 1 }]],
    ['a later version', [{ bver: 11, n: 'ua', v: 1 }]],
    ['no name', [{ v: 1 }]],
    ['a name that is none', [{ n: '电', v: 1 }]],
    ['another quantity', [{ n: 'ua', u: 'A', v: 1 }]],
    [
      'two speakers',
      [
        { n: 'a:ua', v: 1 },
        { n: 'b:ua', v: 1 },
      ],
    ],
    ['a value of a wrong type', [{ n: 'ua', v: '1' }]],
    ['a record that is none', [1]],
  ])('refuses %s', (_what, content) => {
    expect(decode(content)).toMatchObject({ items: [], rejections: [{ reason: 'wrong-type' }] })
  })

  it('leaves alone what it need not understand', () => {
    expect(readingsOf([{ n: 'ua', v: 1, foo: 1, ut: 60 }])).toEqual([{ v: { ua: 1 } }])
  })

  const record = fc.record(
    {
      bn: fc.string(),
      bt: fc.double(),
      n: fc.constantFrom('ua', 'p', 'x:y'),
      u: fc.constantFrom('V', 'W', 'Cel'),
      v: fc.double(),
      t: fc.double(),
      vs: fc.anything(),
    },
    { requiredKeys: ['n'] },
  )
  itNeverThrows(senml, [topic], fc.array(record, { maxLength: 4 }))
})
