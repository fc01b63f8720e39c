import { generate } from 'mqtt-packet'
import { kwhOf, meter, sayValues, topicOf } from './district.ts'

/**
 * One PUBLISH of one device, encoded once. Only what tells two messages apart is written anew for each: packet id, time, energy. Encoding every message would
 * cost the publisher more than the gateway's decoding, on the same two cores.
 */
export interface PacketTemplate {
  readonly bytes: Buffer
  readonly packetIdAt: number
  readonly timeAt: number
  readonly kwhAt: number
}

const placeholderMs = 1_111_111_111_111

export function makeTemplate(assetId: number): PacketTemplate {
  const values = sayValues(assetId, assetId)
  const said = Object.fromEntries(meter.metrics.map(({ key }, index) => [key, values[index]]))
  const topic = topicOf(assetId)
  // Two decimals that are never 0, so that the number always has as many digits.
  const payload = JSON.stringify({ t: placeholderMs, v: { ...said, kwh: kwhOf(11) } })
  const bytes = generate({
    cmd: 'publish',
    topic,
    payload,
    qos: 1,
    messageId: 1,
    retain: false,
    dup: false,
  } as Parameters<typeof generate>[0])
  const topicAt = bytes.indexOf(topic)
  return {
    bytes,
    packetIdAt: topicAt + Buffer.byteLength(topic),
    timeAt: bytes.indexOf(String(placeholderMs)),
    kwhAt: bytes.indexOf(kwhOf(11).toFixed(2)),
  }
}

/** Writes the digits of a whole number so that the last stands before `end`. */
function writeDigits(bytes: Buffer, end: number, digits: number, value: number): void {
  for (let at = end - 1, left = value; at >= end - digits; at--) {
    bytes[at] = 48 + (left % 10)
    left = Math.floor(left / 10)
  }
}

/** Answers where the next packet may begin. */
export function writePacket(
  into: Buffer,
  at: number,
  template: PacketTemplate,
  packetId: number,
  timeMs: number,
  turn: number,
): number {
  template.bytes.copy(into, at)
  into.writeUInt16BE(packetId, at + template.packetIdAt)
  writeDigits(into, at + template.timeAt + 13, 13, timeMs)
  // 10000000.11: eight digits, the point, and two that stay.
  writeDigits(into, at + template.kwhAt + 8, 8, 10_000_000 + (turn % 80_000_000))
  return at + template.bytes.length
}
