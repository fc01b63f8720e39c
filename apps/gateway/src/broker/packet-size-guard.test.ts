import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PacketSizeGuard } from './packet-size-guard.ts'

/** A PUBLISH with so many bytes after its fixed header (MQTT 3.1.1, 2.2.3: seven bits a byte, the lowest first). */
function publish(length: number): Buffer {
  const digits: number[] = []
  for (let rest = length; ; rest >>= 7) {
    digits.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest)
    if (rest <= 0x7f) break
  }
  return Buffer.concat([Buffer.from([0x30, ...digits]), Buffer.alloc(length, 0xff)])
}
const ping = Buffer.from([0xc0, 0])

describe('PacketSizeGuard', () => {
  it('allows packets up to the limit, cut in any way, and none beyond it', () => {
    const lengths = fc.array(fc.integer({ min: 3, max: 40_000 }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(lengths, fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1 }), (sizes, cuts) => {
        const limit = 20_000
        const bytes = Buffer.concat(sizes.flatMap((length) => [ping, publish(length)]))
        const guard = new PacketSizeGuard(limit)
        let isAllowed = true
        for (let from = 0, at = 0; from < bytes.length && isAllowed; at++) {
          const step = cuts[at % cuts.length]!
          isAllowed = guard.allows(bytes.subarray(from, from + step))
          from += step
        }
        expect(isAllowed).toBe(sizes.every((length) => length <= limit))
      }),
    )
  })

  it('refuses by the header alone', () => {
    expect(new PacketSizeGuard(1000).allows(publish(1001).subarray(0, 3))).toBe(false)
  })

  it('refuses a length without end', () => {
    expect(new PacketSizeGuard(2 ** 40).allows(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01]))).toBe(false)
  })
})
