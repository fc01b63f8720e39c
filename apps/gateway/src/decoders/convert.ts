/** A value in another unit, without the dust of binary fractions: 36 kn are 18.52 m/s, not 18.520000000000003. */
export const convert = (value: number, factor: number): number => Number((value * factor).toPrecision(12))
