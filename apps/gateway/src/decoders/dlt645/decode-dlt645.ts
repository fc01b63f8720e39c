import { refused, type Decoded, type Rejection } from '../decoder.ts'
import { lineDecoder } from '../meter-line/line-decoder.ts'
import { toHex } from '../meter-line/read-line.ts'
import { readItem } from './data-items.ts'
import { readFrames, type Frame } from './read-frames.ts'

/**
 * DL/T 645-2007 as a transparent unit (DTU) hands it on: `gk/v1/<device key>/dlt645`, the answers of one meter as binary, as hexadecimal text, or as
 * `{"t": <ms>, "hex": "…"}`. All frames of a payload are one reading. Read-only: requests among them are passed over, and none is ever sent.
 */
export const dlt645 = lineDecoder('dlt645', decodeFrames)

function decodeFrames(key: string, bytes: Uint8Array, t: number | undefined): Decoded {
  const { frames, faults } = readFrames(bytes)
  if (frames.length + faults.length === 0) return refused(key, 'undecodable', 'there is no frame')
  const isList = frames.length + faults.length > 1
  const rejections: Rejection[] = []
  const reject = (reason: Rejection['reason'], detail: string, hex: string) =>
    rejections.push({ reason, detail, item: isList ? JSON.stringify(hex) : null })
  for (const { detail, hex } of faults) reject('undecodable', detail, hex)
  const v: Record<string, number | boolean> = {}
  const { answers, orphans } = joinFollowUps(frames)
  for (const { detail, hex } of orphans) reject('undecodable', detail, hex)
  for (const { frame, data, hasMore } of answers) {
    const di = toHex(data.slice(0, 4).reverse())
    const read = readItem(di, data.subarray(4), hasMore)
    if (read.ok) Object.assign(v, read.values)
    else reject('wrong-type', read.detail, frame.hex)
  }
  const payload = { ...(t === undefined ? {} : { t }), v }
  const items = Object.keys(v).length === 0 ? [] : [{ channel: 'readings', payload } as const]
  return { deviceKey: key, items, rejections, isList: isList && rejections.length > 0 }
}

interface Answer {
  readonly frame: Frame
  data: Uint8Array
  hasMore: boolean
  follows: number
}

/** Control byte: bit 7 an answer, bit 6 an error, bit 5 more follows; 11 read, 12 read on. A follow-up repeats the DI and ends with its number from 1 on. */
function joinFollowUps(frames: readonly Frame[]) {
  const answers: Answer[] = []
  const orphans: { readonly detail: string; readonly hex: string }[] = []
  const address = frames.find(isAnswer)?.address
  for (const frame of frames) {
    const { control, data, hex } = frame
    const work = control & 0x1f
    if (!isAnswer(frame) || (work !== 0x11 && work !== 0x12)) continue
    const hasMore = (control & 0x20) !== 0
    if (frame.address !== address) orphans.push({ detail: `a second meter, ${frame.address}`, hex })
    else if ((control & 0x40) !== 0)
      orphans.push({ detail: `the meter answered with error ${toHex(data)}`, hex })
    else if (data.length < 4) orphans.push({ detail: 'an answer without an item', hex })
    else if (work === 0x11) answers.push({ frame, data, hasMore, follows: 0 })
    else {
      const last = answers.at(-1)
      const number = data.at(-1)
      if (
        last?.hasMore !== true ||
        toHex(data.slice(0, 4)) !== toHex(last.data.slice(0, 4)) ||
        number !== last.follows + 1
      ) {
        orphans.push({ detail: 'follows on nothing in this payload', hex })
        continue
      }
      last.data = Buffer.concat([last.data, data.subarray(4, -1)])
      last.hasMore = hasMore
      last.follows++
    }
  }
  return { answers, orphans }
}

const isAnswer = ({ control }: Frame) => (control & 0x80) !== 0
