import { refused, type Decoded, type Decoder, type Undecoded } from '../decoders/decoder.ts'
import { createDecoders } from '../decoders/decoders.ts'
import type { Speaker } from './speaker.ts'
import { checkCount, checkSize } from '../decoders/limits.ts'

/** What comes through a front door, before anybody has looked at it. */
export interface RawMessage extends Omit<Undecoded, 'login'> {
  readonly source: 'mqtt' | 'http'
  /** The connection's own name or address, for the dead-letter list. */
  readonly client: string | null
  /** Where it came from, when that is not its name: whoever adopts a stranger wants to know. */
  readonly address?: string
  readonly speaker: Speaker
}

const owners: readonly Pick<Decoder, 'name' | 'matches'>[] = createDecoders()

/** The name of the protocol that owns a topic. */
export const protocolOf = (topic: string): string | undefined =>
  owners.find(({ matches }) => matches(topic))?.name

/** Finds the protocol by the topic and lets it speak. `decoders` are one gateway's own: some remember what they have heard. */
export function decodeMessage(message: Undecoded, decoders: readonly Decoder[]): Decoded {
  const { topic, bytes } = message
  const decoder = decoders.find(({ matches }) => matches(topic))
  if (decoder === undefined) return refused(null, 'unknown-topic', 'no protocol has this topic')
  const tooLarge = checkSize(bytes)
  if (tooLarge !== null) return { deviceKey: null, items: [], rejections: [tooLarge], isList: false }
  const decoded = decoder.decode(message)
  const { deviceKey, items, rejections, others } = decoded
  let count = items.length + rejections.length
  for (const other of others ?? []) count += other.items.length + other.rejections.length
  const tooMany = checkCount(count)
  return tooMany === null ? decoded : { deviceKey, items: [], rejections: [tooMany], isList: false }
}
