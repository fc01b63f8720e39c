import { deviceTopic } from '@gridkeeper/contracts'
import type { KnownDevice } from '@gridkeeper/store'
import type { Decoded } from '../decoders/decoder.ts'
import type { RawMessage } from './decode-message.ts'
import { mergeResolved, resolveMessage, type ResolvedMessage } from './resolve-message.ts'

/** What one device says in a message: most messages have one part, a concentrator's may have many. */
export interface EntryPart {
  readonly decoded: Decoded
  readonly device: KnownDevice | undefined
}

/** What waits for its commit. */
export interface IntakeEntry {
  readonly raw: RawMessage
  /** For whoever has to split it; none where it cannot be split: thousands wait at a time, and what they hold on to is copied by the garbage collector. */
  readonly parts: readonly EntryPart[]
  readonly message: ResolvedMessage
  /** Told instead of a dead letter when the database refuses what it says. */
  readonly onRefused?: () => void
}

export function makeEntry(raw: RawMessage, parts: readonly EntryPart[]): IntakeEntry {
  const message = mergeResolved(parts.map(({ decoded, device }) => resolveMessage(raw, decoded, device)))
  return { raw, parts: countPieces(parts) > 1 ? parts : [], message }
}

function countPieces(parts: readonly EntryPart[]): number {
  let pieces = 0
  for (const { decoded } of parts) pieces += decoded.items.length + (decoded.rejections.length > 0 ? 1 : 0)
  return pieces
}

/** Each item of a message as if it had come alone, with its own bytes; the same ids. What was refused on the way stays together. */
export function splitEntry(entry: IntakeEntry): readonly IntakeEntry[] {
  const { raw, parts } = entry
  if (parts.length === 0) return [entry]
  return parts.flatMap(({ decoded, device }) => {
    const items = decoded.items.map((item) => {
      // In our own words by now: that is where it could be said alone.
      const topic = decoded.deviceKey === null ? raw.topic : deviceTopic(decoded.deviceKey, item.channel)
      const own = { ...raw, topic, bytes: Buffer.from(JSON.stringify(item.payload)) }
      return makeEntry(own, [
        { decoded: { ...decoded, items: [item], rejections: [], isList: false }, device },
      ])
    })
    if (decoded.rejections.length === 0) return items
    return [...items, makeEntry(raw, [{ decoded: { ...decoded, items: [], isList: true }, device }])]
  })
}
