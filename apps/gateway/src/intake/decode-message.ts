import { refused, type Decoded } from '../decoders/decoder.ts'
import { decoders } from '../decoders/decoders.ts'
import { checkSize } from '../decoders/limits.ts'

/** What comes through a front door, before anybody has looked at it. */
export interface RawMessage {
  readonly source: 'mqtt' | 'http'
  readonly topic: string
  readonly bytes: Uint8Array
  /** UTC ms. */
  readonly receivedAtMs: number
  /** The connection's own name, for the dead-letter list. */
  readonly client: string | null
}

/** Finds the protocol by the topic and lets it speak. */
export function decodeMessage({ topic, bytes }: Pick<RawMessage, 'topic' | 'bytes'>): Decoded {
  const decoder = decoders.find(({ matches }) => matches(topic))
  if (decoder === undefined) return refused(null, 'unknown-topic', 'no protocol has this topic')
  const tooLarge = checkSize(bytes)
  if (tooLarge !== null) return { deviceKey: null, items: [], rejections: [tooLarge], isList: false }
  return decoder.decode({ topic, bytes })
}
