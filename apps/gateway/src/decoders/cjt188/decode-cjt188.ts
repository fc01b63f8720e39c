import { refused, type Decoded, type Rejection } from '../decoder.ts'
import { lineDecoder } from '../meter-line/line-decoder.ts'
import { toHex } from '../meter-line/read-line.ts'
import { readCurrent, type CurrentRead } from './current-reading.ts'
import { readFrames, type Frame } from './read-frames.ts'

/**
 * CJ/T 188 of 2004 and 2018, meters of water, heat and gas, as a transparent unit (DTU) hands it on: `gk/v1/<device key>/cjt188`, the answer of one meter
 * in the forms of {@link lineDecoder}. Read-only: requests are passed over, and none is ever sent.
 */
export const cjt188 = lineDecoder('cjt188', decodeFrames)

function decodeFrames(key: string, bytes: Uint8Array, t: number | undefined): Decoded {
  const { frames, faults } = readFrames(bytes)
  if (frames.length + faults.length === 0) return refused(key, 'undecodable', 'there is no frame')
  const isList = frames.length + faults.length > 1
  const rejections: Rejection[] = []
  const reject = (reason: Rejection['reason'], detail: string, hex: string) =>
    rejections.push({ reason, detail, item: isList ? JSON.stringify(hex) : null })
  for (const { detail, hex } of faults) reject('undecodable', detail, hex)
  const v: Record<string, number | boolean | string> = {}
  const answers = frames.filter(({ control }) => (control & 0x80) !== 0)
  for (const frame of answers) {
    if (frame.address !== answers[0]?.address) {
      reject('undecodable', `a second meter, ${frame.address}`, frame.hex)
      continue
    }
    const read = readAnswer(frame)
    if (read.ok) Object.assign(v, read.values)
    else reject('wrong-type', read.detail, frame.hex)
  }
  const payload = { ...(t === undefined ? {} : { t }), v }
  const items = Object.keys(v).length === 0 ? [] : [{ channel: 'readings', payload } as const]
  return { deviceKey: key, items, rejections, isList: isList && rejections.length > 0 }
}

const noValues: CurrentRead = { ok: true, values: {} }

/** C: bit 7 an answer, bit 6 an error; 01 read data, 03 read the address. The edition of 2018 sends the identifier low byte first, that of 2004 high byte first. */
function readAnswer({ type, control, data }: Frame): CurrentRead {
  if ((control & 0x40) !== 0) return { ok: false, detail: `the meter answered with error ${toHex(data)}` }
  if ((control & 0x3f) !== 0x01) return noValues
  const identifier = toHex(data.subarray(0, 2))
  if (data.length < 3 || (identifier !== '1F90' && identifier !== '901F'))
    return { ok: false, detail: `${identifier}: an item that is not read here` }
  return readCurrent(type, data.subarray(3))
}
