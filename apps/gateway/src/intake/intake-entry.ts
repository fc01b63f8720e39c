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
  readonly parts: readonly EntryPart[]
  readonly message: ResolvedMessage
  /** Told instead of a dead letter when the database refuses what it says. */
  readonly onRefused?: () => void
}

export const makeEntry = (raw: RawMessage, parts: readonly EntryPart[]): IntakeEntry => ({
  raw,
  parts,
  message: mergeResolved(parts.map(({ decoded, device }) => resolveMessage(raw, decoded, device))),
})

/** Each item of a message as if it had come alone, with its own bytes; the same ids. What was refused on the way stays together. */
export function splitEntry({ raw, parts }: IntakeEntry): readonly IntakeEntry[] {
  return parts.flatMap(({ decoded, device }) => {
    const items = decoded.items.map((item) => {
      const own = { ...raw, bytes: Buffer.from(JSON.stringify(item.payload)) }
      return makeEntry(own, [
        { decoded: { ...decoded, items: [item], rejections: [], isList: false }, device },
      ])
    })
    if (decoded.rejections.length === 0) return items
    return [...items, makeEntry(raw, [{ decoded: { ...decoded, items: [], isList: true }, device }])]
  })
}
