import { hashValue } from './hash-value.ts'

/**
 * Tells two messages of one asset and one instant apart: the device's own sequence number if it sends one, otherwise a 64-bit hash of its text or of the
 * whole item, so that the same item is the same message whether it comes alone or in an array.
 */
export const messageIdOf = (id: number | string | undefined, item: unknown): bigint =>
  typeof id === 'number' ? BigInt(id) : hashValue(id ?? item)
