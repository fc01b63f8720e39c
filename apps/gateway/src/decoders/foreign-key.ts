import { createHash } from 'node:crypto'

const maxLength = 64

/**
 * The device key of a speaker whose protocol has names of its own: `owntracks:jane:phone`, `zigbee2mqtt:breaker_1`.
 *
 * Injective: parts are joined by `:`; in a part every byte of its UTF-8 but `A–Z a–z 0–9 _ -` is written `.XX` (upper-case hexadecimal), so that no part has a
 * `:` and no `.` stands for itself. A key that would be longer than 64 is `<protocol>:..` and the first 128 bits of the SHA-256 of that key: no other key
 * has two dots in a row. null for an empty part: it names nobody.
 */
export function foreignKey(protocol: string, ...parts: readonly string[]): string | null {
  if (parts.some((part) => part === '')) return null
  const key = [protocol, ...parts.map(escape)].join(':')
  if (key.length <= maxLength) return key
  return `${protocol}:..${createHash('sha256').update(key).digest('hex').slice(0, 32)}`
}

const escape = (part: string): string =>
  part.replace(/[^A-Za-z0-9_-]+/g, (odd) =>
    Array.from(Buffer.from(odd), (byte) => `.${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  )
