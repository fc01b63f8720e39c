import { toHex } from '../meter-line/read-line.ts'
import { sumOf } from '../meter-line/split-frames.ts'

/** What a meter would answer. `data` begins with the item's identifier; digits as they are written, the high one first. */
export function encodeFrame(address: string, control: number, data: Uint8Array): Buffer {
  const body = Buffer.from([
    0x68,
    ...Buffer.from(address, 'hex').reverse(),
    0x68,
    control,
    data.length,
    ...data.map((byte) => byte + 0x33),
  ])
  return Buffer.concat([body, Buffer.from([sumOf(body), 0x16])])
}

export const item = (di: string, ...values: readonly string[]): Buffer =>
  Buffer.concat([di, ...values].map((text) => Buffer.from(text, 'hex').reverse()))

/** A number as BCD of so many bytes, the low one first. */
export function encodeBcd(value: number, bytes: number, decimals: number): Buffer {
  const digits = Math.round(Math.abs(value) * 10 ** decimals)
    .toString()
    .padStart(bytes * 2, '0')
  const written = Buffer.from(digits, 'hex').reverse()
  if (value < 0) written[bytes - 1]! |= 0x80
  return written
}

export const answer = (di: string, ...values: readonly string[]) =>
  toHex(encodeFrame('000000000161', 0x91, item(di, ...values)))
