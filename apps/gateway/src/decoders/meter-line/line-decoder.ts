import { refused, type Decoded, type Decoder } from '../decoder.ts'
import { keyOn } from '../keyed-topic.ts'
import { readLine } from './read-line.ts'

/** A meter's own bytes on `gk/v1/<device key>/<protocol>`, in the forms of {@link readLine}. `t` is the time beside them, UTC ms. */
export const lineDecoder = (
  name: string,
  decodeFrames: (key: string, bytes: Uint8Array, t: number | undefined) => Decoded,
): Decoder => ({
  name,
  matches: (topic) => keyOn(topic, name) !== null,
  decode: ({ topic, bytes }) => {
    const key = keyOn(topic, name)
    if (key === null) return refused(null, 'unknown-topic', `expected gk/v1/<device key>/${name}`)
    const line = readLine(bytes)
    if (!line.ok) return { deviceKey: key, items: [], rejections: [line.rejection], isList: false }
    return decodeFrames(key, line.bytes, line.t)
  },
})
