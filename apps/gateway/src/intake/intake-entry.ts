import type { KnownDevice } from '@gridkeeper/store'
import type { Decoded } from '../decoders/decoder.ts'
import { decodeMessage, type RawMessage } from './decode-message.ts'
import { resolveMessage, type ResolvedMessage } from './resolve-message.ts'

/** What waits for its commit. */
export interface IntakeEntry {
  readonly raw: RawMessage
  readonly device: KnownDevice | undefined
  readonly message: ResolvedMessage
}

export const readEntry = (
  raw: RawMessage,
  device: KnownDevice | undefined,
  decoded: Decoded = decodeMessage(raw),
): IntakeEntry => ({ raw, device, message: resolveMessage(raw, decoded, device) })

/** Each item of a message as if it had come alone, with its own bytes; the same ids. What was refused on the way stays together. */
export function splitEntry({ raw, device }: IntakeEntry): readonly IntakeEntry[] {
  const { deviceKey, items, rejections } = decodeMessage(raw)
  const parts = items.map((item): IntakeEntry => {
    const own = { ...raw, bytes: Buffer.from(JSON.stringify(item.payload)) }
    const message = resolveMessage(own, { deviceKey, items: [item], rejections: [], isList: false }, device)
    return { raw: own, device, message }
  })
  if (rejections.length === 0) return parts
  return [
    ...parts,
    { raw, device, message: resolveMessage(raw, { deviceKey, items: [], rejections, isList: true }, device) },
  ]
}
