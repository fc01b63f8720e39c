import { toHex } from '../meter-line/read-line.ts'
import { sumOf } from '../meter-line/split-frames.ts'

/** A number as BCD, the low byte first. */
export const bcd = (value: number, bytes: number, decimals: number): Buffer =>
  Buffer.from(
    Math.round(value * 10 ** decimals)
      .toString()
      .padStart(bytes * 2, '0'),
    'hex',
  ).reverse()

/** Four bytes and their unit. */
export const quantity = (value: number, unit: number, decimals = 2): Buffer =>
  Buffer.concat([bcd(value, 4, decimals), Buffer.from([unit])])

/** 2026-06-01 12:34:56 */
export const clock = Buffer.from('56341201062620', 'hex')

/** What a meter would answer. */
export function encodeFrame(type: number, control: number, data: Uint8Array, address = '78330011223344') {
  const body = Buffer.from([
    0x68,
    type,
    ...Buffer.from(address, 'hex').reverse(),
    control,
    data.length,
    ...data,
  ])
  return Buffer.concat([body, Buffer.from([sumOf(body), 0x16])])
}

/** The answer to 901F in the words of the edition of 2018. */
export const current = (type: number, ...parts: readonly Uint8Array[]): string =>
  toHex(encodeFrame(type, 0x81, Buffer.concat([Buffer.from('1F9000', 'hex'), ...parts])))
