import { hash } from 'node:crypto'

/**
 * Tells two messages of one asset and one instant apart: the device's own sequence number if it sends one, otherwise the first 64 bits of the SHA-1 of
 * the item as JSON, so that the same item is the same message whether it comes alone or in an array.
 */
export function messageIdOf(id: number | string | undefined, item: unknown): bigint {
  if (typeof id === 'number') return BigInt(id)
  return hash64(id ?? JSON.stringify(item))
}

const hash64 = (text: string): bigint => hash('sha1', text, 'buffer').readBigInt64BE(0)
