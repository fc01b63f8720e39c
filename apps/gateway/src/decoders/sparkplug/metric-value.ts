import { datatype, type Wire } from './payload.ts'

type Value = number | boolean | string

const signedBits: Readonly<Record<number, number>> = {
  [datatype.int8]: 8,
  [datatype.int16]: 16,
  [datatype.int32]: 32,
  [datatype.int64]: 64,
}

/**
 * A metric's value by its data type. Whole numbers come unsigned, negative ones as two's complement; a 64-bit one beyond 2⁵³ is given as the nearest number.
 * null: no number (infinite, or none). undefined: of a type that is not read (data sets, templates, files, arrays), or not what its type says.
 */
export function readValue(type: number, wire: Wire): Value | null | undefined {
  switch (type) {
    case datatype.int8:
    case datatype.int16:
    case datatype.int32:
    case datatype.int64:
      return isWhole(wire) ? Number(BigInt.asIntN(signedBits[type]!, BigInt(wire))) : undefined
    case datatype.uint8:
    case datatype.uint16:
    case datatype.uint32:
    case datatype.uint64:
    case datatype.dateTime:
      return isWhole(wire) ? Number(wire) : undefined
    case datatype.float:
      return typeof wire === 'number' ? (Number.isFinite(wire) ? shortest(wire) : null) : undefined
    case datatype.double:
      return typeof wire === 'number' ? (Number.isFinite(wire) ? wire : null) : undefined
    case datatype.boolean:
      return typeof wire === 'boolean' ? wire : undefined
    case datatype.string:
    case datatype.text:
    case datatype.uuid:
      return typeof wire === 'string' ? wire : undefined
    default:
      return undefined
  }
}

const isWhole = (wire: Wire): wire is number | bigint => typeof wire === 'bigint' || Number.isInteger(wire)

/** The shortest number that is the same in single precision: 221.3, not 221.3000030517578. */
function shortest(value: number): number {
  const single = Math.fround(value)
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === single) return short
  }
  return value
}
