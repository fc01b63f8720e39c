import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeWith, itNeverThrows } from '../decoder.trial.ts'
import { toHex } from '../meter-line/read-line.ts'
import { bcd, clock, current, encodeFrame, quantity } from './frame.trial.ts'
import { cjt188 } from './decode-cjt188.ts'

const topic = 'gk/v1/W-1/cjt188'
const decode = (content: unknown) => decodeWith(cjt188, topic, content)
const valuesOf = (content: unknown) => {
  const { items, rejections } = decode(content)
  expect(rejections).toEqual([])
  return items.length === 0 ? null : (items[0]?.payload as { v: object }).v
}
const status = (byte: number) => Buffer.from([byte, 0])
const water = [quantity(1234.56, 0x2c), quantity(1200, 0x2c), clock, status(0)] as const
const cold = {
  volume: 1234.56,
  volume_settled: 1200,
  meter_clock: '2026-06-01 12:34:56',
  valve: 0,
  battery_low: false,
}

describe('CJ/T 188', () => {
  it('passes over a published request', () => {
    const request = 'FEFEFEFE 68 10 44332211003378 01 03 1F9000 80 16'
    expect(valuesOf(request)).toBeNull()
    expect(valuesOf(Buffer.from(request.replaceAll(' ', ''), 'hex'))).toBeNull()
  })

  it.each([
    ['cold water', 0x10],
    ['hot water', 0x11],
    ['drinking water', 0x12],
    ['reclaimed water', 0x13],
    ['gas', 0x30],
  ])('reads a meter of %s', (_what, type) => {
    expect(valuesOf(current(type, ...water))).toEqual(cold)
  })

  it.each([0x20, 0x21, 0x22])('reads a meter of heat or cold, %i', (type) => {
    const heat = [
      quantity(100, 0x05),
      quantity(360, 0x0e),
      quantity(12.5, 0x17),
      quantity(1.2345, 0x35, 4),
      quantity(5000, 0x29),
      bcd(59.25, 3, 2),
      bcd(40.1, 3, 2),
      bcd(8760, 3, 0),
      clock,
      status(0b101),
    ]
    expect(valuesOf(current(type, ...heat))).toEqual({
      heat_settled: 100,
      heat: 100,
      power: 12.5,
      flow: 1.2345,
      volume: 5,
      supply_temp: 59.25,
      return_temp: 40.1,
      hours: 8760,
      meter_clock: '2026-06-01 12:34:56',
      valve: 1,
      battery_low: true,
    })
  })

  it('takes the identifier in the order of either edition, at the time that is said', () => {
    const data = Buffer.concat([Buffer.from('901F07', 'hex'), ...water])
    const hex = toHex(encodeFrame(0x10, 0x81, data))
    expect(decode({ t: 1763726400000, hex }).items).toEqual([
      { channel: 'readings', payload: { t: 1763726400000, v: cold } },
    ])
  })

  it.each([
    [0x01, 'heat', 3_600_000, 1],
    [0x02, 'heat', 1000, 1],
    [0x08, 'heat', 1, 1000],
    [0x0a, 'heat', 1, 100_000],
    [0x0b, 'heat', 3600, 1],
    [0x11, 'heat', 3.6, 1000],
    [0x13, 'heat', 3.6, 100_000],
  ])('reads unit %i', (unit, key, said, worth) => {
    // The numbers stand in 4 bytes; a joule counter overflows them soon.
    const value = Math.min(said, 999_999)
    const rest = [quantity(0, 0x17), quantity(0, 0x35, 4), quantity(0, 0x2c), bcd(0, 9, 0), clock, status(0)]
    const v = valuesOf(current(0x20, quantity(0, 5), quantity(value, unit), ...rest)) as Record<
      string,
      number
    >
    expect(v[key]).toBeCloseTo((worth * value) / said, 6)
  })

  it('tells litres from cubic metres by the unit', () => {
    const [, ...rest] = water
    expect(valuesOf(current(0x10, quantity(1234.56, 0x29), ...rest))).toMatchObject({ volume: 1.23456 })
  })

  it.each([
    [0b00, { valve: 0, battery_low: false }],
    [0b01, { valve: 1, battery_low: false }],
    [0b11, { valve: 3, battery_low: false }],
    [0b10, { valve: 3, battery_low: false }],
    [0b100, { valve: 0, battery_low: true }],
    [0b1111_1000, { valve: 0, battery_low: false }],
  ])('reads status %i, the maker’s bits left out', (byte, expected) => {
    expect(valuesOf(current(0x10, ...water.slice(0, 3), status(byte)))).toMatchObject(expected)
  })

  it('takes FF as not supported, and a clock that is not set as none', () => {
    const nothing = Buffer.alloc(5, 0xff)
    expect(valuesOf(current(0x10, nothing, quantity(1, 0x2c), Buffer.alloc(7, 0xff), status(0)))).toEqual({
      volume_settled: 1,
      valve: 0,
      battery_low: false,
    })
  })

  // The reply of a published walk-through: its bytes do not add up to its sum.
  const wrongSum = '68 10 44332211003378 81 16 1F9000 00777766 2C 00777766 2C 31011214070515 2184 08 16'
  it.each([
    ['a published reply with a wrong checksum', wrongSum],
    ['no frame', ''],
    ['only a wake-up', 'FEFEFE'],
    ['a frame that is cut off', current(0x10, ...water).slice(0, -4)],
    ['no end', current(0x10, ...water).replace(/16$/, '17')],
    ['an error answer', toHex(encodeFrame(0x10, 0xc1, Buffer.from('000000', 'hex')))],
    ['an empty answer', toHex(encodeFrame(0x10, 0x81, Buffer.alloc(0)))],
    ['another item', toHex(encodeFrame(0x10, 0x81, Buffer.from('20D100', 'hex')))],
    ['a meter of something else', current(0x40, ...water)],
    ['too little', current(0x10, ...water.slice(0, 3))],
    ['too much', current(0x10, ...water, status(0))],
    ['an unknown unit', current(0x10, quantity(1, 0x7f), ...water.slice(1))],
    ['a unit of something else', current(0x10, quantity(1, 0x05), ...water.slice(1))],
    ['no BCD', current(0x10, Buffer.from('0A0000002C', 'hex'), ...water.slice(1))],
    ['odd digits', '686'],
    ['JSON without a frame', { t: 1 }],
  ])('refuses %s', (_what, content) => {
    expect(decode(content)).toMatchObject({
      deviceKey: 'W-1',
      items: [],
      rejections: [{ detail: expect.any(String), item: null }],
    })
  })

  it('takes the good frames beside a bad one, one meter only, and no answer to another question', () => {
    const good = current(0x10, ...water)
    const bad = good.replace(/..16$/, '0016')
    const data = Buffer.concat([Buffer.from('1F9000', 'hex'), ...water])
    const other = toHex(encodeFrame(0x10, 0x81, data, '78330011223355'))
    const addressRead = toHex(encodeFrame(0x10, 0x83, Buffer.from('810A00', 'hex')))
    const { items, rejections } = decode([addressRead, good, bad, other].join('\n'))
    expect(items).toMatchObject([{ payload: { v: cold } }])
    expect(rejections.map(({ item }) => item)).toEqual([bad, other].map((hex) => JSON.stringify(hex)))
  })

  it('reads what a meter writes', () => {
    const counted = fc.nat(99_999_999).map((digits) => digits / 100)
    fc.assert(
      fc.property(counted, counted, fc.nat(4), (volume, settled, wakeUps) => {
        const parts = [quantity(volume, 0x2c), quantity(settled, 0x2c), clock, status(0)]
        const v = valuesOf('FE'.repeat(wakeUps) + current(0x10, ...parts))
        expect(v).toMatchObject({ volume, volume_settled: settled })
      }),
    )
  })

  it('leaves the message as it came', () => {
    const sent = Buffer.from(current(0x10, ...water), 'hex')
    const before = toHex(sent)
    decode(sent)
    expect(toHex(sent)).toBe(before)
  })

  it('reads nothing from a frame with one bit changed', () => {
    const sent = Buffer.from(current(0x10, ...water), 'hex')
    for (let bit = 0; bit < sent.length * 8; bit++) {
      const hurt = Buffer.from(sent)
      hurt[bit >> 3]! ^= 1 << (bit & 7)
      expect(decode(hurt).items, `bit ${bit}`).toEqual([])
    }
  })

  itNeverThrows(cjt188, [topic])
  it('never throws at frames', () => {
    const frame = fc
      .record({
        type: fc.constantFrom(0x10, 0x20, 0x30, 0x40),
        control: fc.constantFrom(0x01, 0x81, 0xc1, 0x83),
        data: fc.uint8Array({ maxLength: 60 }),
      })
      .map(({ type, control, data }) =>
        encodeFrame(type, control, Buffer.concat([Buffer.from('1F9000', 'hex'), data])),
      )
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 4 }), (frames) => {
        for (const { payload } of decode(Buffer.concat(frames)).items)
          for (const value of Object.values((payload as { v: object }).v))
            expect(Number.isNaN(value)).toBe(false)
      }),
    )
  })
})
