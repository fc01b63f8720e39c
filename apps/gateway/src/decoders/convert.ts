/** A value in another unit, without the dust of binary fractions: 36 kn are 18.52 m/s, not 18.520000000000003. */
export const convert = (value: number, factor: number): number => Number((value * factor).toPrecision(12))

/** However far a clock is off, a time stays a number that a column holds. */
export const secondsToMs = (seconds: number): number =>
  Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Math.round(seconds * 1000), Number.MAX_SAFE_INTEGER))
