import fc from 'fast-check'
import { expect, it } from 'vitest'
import { deviceKeyPattern } from '@gridkeeper/contracts'
import type { Decoder } from './decoder.ts'

/** As bytes on a wire: a text as it is, anything else as JSON. */
export const bytesOf = (content: unknown): Uint8Array =>
  content instanceof Uint8Array
    ? content
    : Buffer.from(typeof content === 'string' ? content : JSON.stringify(content))

export const nowMs = Date.UTC(2026, 5, 1, 12)

export const decodeWith = (decoder: Decoder, topic: string, content: unknown) =>
  decoder.decode({ topic, bytes: bytesOf(content), receivedAtMs: nowMs })

/** What holds for every decoder, whatever comes: it answers, and names a device before it lets it speak. `words` are objects near the protocol's own. */
export function itNeverThrows(
  decoder: Decoder,
  topics: readonly string[],
  words: fc.Arbitrary<unknown> = fc.anything(),
) {
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.json().map(bytesOf),
    words.map((content) => bytesOf(toJson(content))),
  )
  it('never throws, and speaks for nobody without a key', () => {
    for (const topic of topics) expect(decoder.matches(topic), topic).toBe(true)
    fc.assert(
      fc.property(fc.constantFrom(...topics), payload, (topic, bytes) => {
        const { deviceKey, items, rejections } = decoder.decode({ topic, bytes, receivedAtMs: nowMs })
        if (items.length > 0) expect(deviceKey).toMatch(deviceKeyPattern)
        for (const { payload } of items) expect(payload.t ?? 0).toSatisfy(Number.isFinite)
        for (const { detail } of rejections) expect((detail ?? '').length).toBeLessThan(2_000)
      }),
    )
  })
}

function toJson(content: unknown): string {
  try {
    return JSON.stringify(content) ?? 'null'
  } catch {
    return 'null'
  }
}
