/** How one number stands in the data: so many bytes of BCD, the low one first, so many of the digits behind the point; a signed one has its sign in the top bit. */
export interface BcdFormat {
  readonly bytes: number
  readonly decimals: number
  readonly isSigned: boolean
}

/** null: every byte is FF, "not supported". undefined: no decimal number. */
export function readBcd(bytes: Uint8Array, { decimals, isSigned }: BcdFormat): number | null | undefined {
  if (bytes.every((byte) => byte === 0xff)) return null
  const high = bytes.slice().reverse()
  const isNegative = isSigned && (high[0]! & 0x80) !== 0
  if (isNegative) high[0]! &= 0x7f
  const digits = Buffer.from(high).toString('hex')
  if (!/^\d+$/.test(digits)) return undefined
  const value = Number(
    `${digits.slice(0, digits.length - decimals)}.${digits.slice(digits.length - decimals)}0`,
  )
  return isNegative && value !== 0 ? -value : value
}
