import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesOf, decodeWith, itNeverThrows } from '../decoder.trial.ts'
import { toHex } from '../meter-line/read-line.ts'
import { dlt645 } from './decode-dlt645.ts'
import { answer, encodeBcd, encodeFrame, item } from './frame.trial.ts'

const topic = 'gk/v1/M-1/dlt645'
const decode = (content: unknown) => decodeWith(dlt645, topic, content)
const valuesOf = (content: unknown) => {
  const { items, rejections } = decode(content)
  expect(rejections).toEqual([])
  return items.length === 0 ? null : (items[0]?.payload as { v: object }).v
}
const meter = '000000000161'
const frame = (control: number, ...parts: [string, ...string[]]) =>
  encodeFrame(meter, control, item(...parts))

describe('DL/T 645', () => {
  // Published exchanges with a real meter.
  it.each([
    ['FEFEFEFE 68 610100000000 68 91 08 33333433 59333333 8A 16', { kwh: 0.26 }],
    ['68 610100000000 68 91 06 33343435 3443 10 16', { ua: 100.1 }],
    ['FEFEFEFE 68 610100000000 68 11 04 33333433 14 16', null],
    ['68 610100000000 68 11 04 33343435 17 16', null],
    ['68 610100000000 68 11 04 33343535 18 16', null],
  ])('reads %s', (hex, expected) => {
    expect(valuesOf(hex)).toEqual(expected)
    expect(valuesOf(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toEqual(expected)
    expect(valuesOf({ hex })).toEqual(expected)
  })

  it('makes one reading of all answers of a payload, requests passed over, at the time that is said', () => {
    const hex = [
      toHex(frame(0x11, '0201FF00')),
      answer('0201FF00', '2203', '2214', '2198'),
      answer('0202FF00', '001500', '801500', '000001'),
      answer('02030000', '812345'),
      answer('02060000', '9000'),
      answer('02800002', '4998'),
    ].join('\n')
    expect(decode({ t: 1763726400000, hex })).toEqual({
      deviceKey: 'M-1',
      items: [
        {
          channel: 'readings',
          payload: {
            t: 1763726400000,
            v: {
              ua: 220.3,
              ub: 221.4,
              uc: 219.8,
              ia: 1.5,
              ib: -1.5,
              ic: 0.001,
              p: -1.2345,
              pf: -1,
              f: 49.98,
            },
          },
        },
      ],
      rejections: [],
      isList: false,
    })
  })

  it('takes FF as not supported, which is not zero', () => {
    expect(valuesOf(answer('0201FF00', '2203', 'FFFF', 'FFFF'))).toEqual({ ua: 220.3 })
    expect(valuesOf(answer('02020100', 'FFFFFF'))).toBeNull()
  })

  it('takes the total of an energy block, and what a single-phase meter leaves out as absent', () => {
    const tariffs = ['00004000', '00008345', '00000000', 'FFFFFFFF']
    expect(valuesOf(answer('0001FF00', '00012345', ...tariffs))).toEqual({ kwh: 123.45 })
    expect(valuesOf(answer('0001FF00', '00012345'))).toEqual({ kwh: 123.45 })
    expect(valuesOf(answer('0201FF00', '2203'))).toEqual({ ua: 220.3 })
  })

  it('reads the residual-current block of a protector', () => {
    expect(valuesOf(answer('0290FF00', '01', '0035'))).toEqual({ residual: 35 })
    expect(valuesOf(answer('02900100', '0412'))).toEqual({ residual: 412 })
    expect(valuesOf(answer('04000501', '00'))).toEqual({ pos: 2, lockout: false, cause: 0 })
    expect(valuesOf(answer('04000501', 'E2'))).toEqual({ pos: 1, lockout: false, cause: 2 })
    expect(valuesOf(answer('04000501', '6F'))).toEqual({ pos: 1, lockout: true, cause: 15 })
    // A meter's status word 1 has the same identifier and two bytes.
    expect(valuesOf(answer('04000501', '0004'))).toBeNull()
  })

  it('joins what follows on', () => {
    const first = frame(0xb1, '0201FF00', '2203', '2214')
    const second = frame(0x92, '0201FF00', '2198', '01')
    expect(valuesOf(Buffer.concat([first, second]))).toEqual({ ua: 220.3, ub: 221.4, uc: 219.8 })
    expect(valuesOf(first)).toEqual({ ua: 220.3, ub: 221.4 })
    expect(decode(second)).toMatchObject({ items: [], rejections: [{ reason: 'undecodable' }] })
    const third = frame(0x92, '0201FF00', '2198', '02')
    expect(decode(Buffer.concat([first, third])).rejections).toMatchObject([
      { item: JSON.stringify(toHex(third)) },
    ])
  })

  it.each([
    ['no frame', ''],
    ['only a wake-up', 'FEFEFEFE'],
    ['a wrong checksum', '68 610100000000 68 91 08 33333433 59333333 8B 16'],
    ['a frame that is cut off', '68 610100000000 68 91 08 33333433 5933'],
    ['no second start', '68 610100000000 67 91 08 33333433 59333333 8A 16'],
    ['no end', '68 610100000000 68 91 08 33333433 59333333 8A 17'],
    ['something before it', '00 68 610100000000 68 91 08 33333433 59333333 8A 16'],
    ['odd digits', '686'],
    ['an error answer', toHex(encodeFrame(meter, 0xd1, Buffer.from([2])))],
    ['an answer that is empty', toHex(encodeFrame(meter, 0x91, Buffer.alloc(0)))],
    ['no BCD', answer('02010100', '22A3')],
    ['an unknown item', answer('0E010203', '00')],
    ['too much', answer('02010100', '002203')],
    ['too little', answer('02020100', '0001')],
  ])('refuses %s', (_what, content) => {
    expect(decode(content)).toMatchObject({
      items: [],
      rejections: [{ detail: expect.any(String), item: null }],
    })
  })

  it('takes the good frames beside a bad one, and one meter only', () => {
    const good = answer('02010100', '2203')
    const bad = good.replace(/..16$/, '0016')
    const other = toHex(encodeFrame('000000000162', 0x91, item('02010200', '2203')))
    const { items, rejections } = decode([good, bad, other].join(''))
    expect(items).toMatchObject([{ payload: { v: { ua: 220.3 } } }])
    expect(rejections.map(({ item: kept }) => kept)).toEqual([bad, other].map((hex) => JSON.stringify(hex)))
  })

  it('reads what a meter writes', () => {
    const items = fc.constantFrom(
      ['ua', '02010100', 2, 1, 9999, false],
      ['ia', '02020100', 3, 3, 799999, true],
      ['p', '02030000', 3, 4, 799999, true],
      ['pf', '02060000', 2, 3, 7999, true],
      ['kwh', '00010000', 4, 2, 99999999, false],
      ['residual', '02900100', 2, 0, 9999, false],
    ) as fc.Arbitrary<[string, string, number, number, number, boolean]>
    fc.assert(
      fc.property(
        items,
        fc.double({ min: -1, max: 1, noNaN: true }),
        fc.nat(4),
        ([key, di, bytes, decimals, most, isSigned], share, wakeUps) => {
          const digits = Math.trunc(share * most) + 0
          const value = (isSigned ? digits : Math.abs(digits)) / 10 ** decimals
          const data = Buffer.concat([item(di), encodeBcd(value, bytes, decimals)])
          const sent = Buffer.concat([Buffer.alloc(wakeUps, 0xfe), encodeFrame(meter, 0x91, data)])
          const v = valuesOf(sent) as Record<string, number>
          expect(v[key]).toBeCloseTo(value, 6)
        },
      ),
    )
  })

  it('reads nothing from a frame with one bit changed', () => {
    const sent = Buffer.from(answer('02010100', '2203'), 'hex')
    for (let bit = 0; bit < sent.length * 8; bit++) {
      const hurt = Buffer.from(sent)
      hurt[bit >> 3]! ^= 1 << (bit & 7)
      expect(decode(hurt).items, `bit ${bit}`).toEqual([])
    }
  })

  const near = fc
    .record({
      control: fc.constantFrom(0x91, 0xb1, 0x92, 0xb2, 0xd1, 0x11, 0x93),
      di: fc.constantFrom('0201FF00', '04000501', '0290FF00', '00010000'),
      data: fc.uint8Array({ maxLength: 20 }),
    })
    .map(({ control, di, data }) => encodeFrame(meter, control, Buffer.concat([item(di), data])))
  itNeverThrows(dlt645, [topic])
  it('never throws at frames', () => {
    fc.assert(
      fc.property(fc.array(near, { maxLength: 4 }), (frames) => {
        for (const { payload } of decode(bytesOf(Buffer.concat(frames))).items)
          for (const value of Object.values((payload as { v: object }).v))
            expect(Number.isNaN(value)).toBe(false)
      }),
    )
  })
})
