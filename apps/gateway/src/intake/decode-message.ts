import { refused, type Decoded, type Undecoded } from '../decoders/decoder.ts'
import { decoders } from '../decoders/decoders.ts'
import { checkCount, checkSize } from '../decoders/limits.ts'

/** What comes through a front door, before anybody has looked at it. */
export interface RawMessage extends Undecoded {
  readonly source: 'mqtt' | 'http'
  /** The connection's own name, for the dead-letter list. */
  readonly client: string | null
}

/** Finds the protocol by the topic and lets it speak. */
export function decodeMessage({ topic, bytes, receivedAtMs }: Undecoded): Decoded {
  const decoder = decoders.find(({ matches }) => matches(topic))
  if (decoder === undefined) return refused(null, 'unknown-topic', 'no protocol has this topic')
  const tooLarge = checkSize(bytes)
  if (tooLarge !== null) return { deviceKey: null, items: [], rejections: [tooLarge], isList: false }
  const decoded = decoder.decode({ topic, bytes, receivedAtMs })
  const tooMany = checkCount(decoded.items.length + decoded.rejections.length)
  return tooMany === null ? decoded : { ...decoded, items: [], rejections: [tooMany], isList: false }
}
