/**
 * As much of MQTT 3.1.1 as a publisher needs, for the runtime of k6: no Node, no TextEncoder, so text is ASCII. `mqtt-packets.test.ts` holds it against a full
 * implementation. Source: MQTT 3.1.1, chapters 2 and 3.
 */
export interface Login {
  readonly clientId: string
  readonly username: string
  readonly password: string
}

/** What a server may say to a publisher; anything else is `other`. */
export type ServerPacket =
  | { readonly type: 'connack'; readonly code: number }
  | { readonly type: 'puback'; readonly id: number }
  | { readonly type: 'other' }

const type = { connect: 0x10, connack: 0x20, publishQos1: 0x32, puback: 0x40, disconnect: 0xe0 }
/** User name, password, clean session. */
const connectFlags = 0x80 | 0x40 | 0x02

export const connectPacket = ({ clientId, username, password }: Login, keepAliveSeconds = 60): Uint8Array =>
  packet(type.connect, [
    ...text('MQTT'),
    4,
    connectFlags,
    ...uint16(keepAliveSeconds),
    ...text(clientId),
    ...text(username),
    ...text(password),
  ])

/** QoS 1. `id` is 1 to 65,535. */
export const publishPacket = (topic: string, id: number, payload: string): Uint8Array =>
  packet(type.publishQos1, [...text(topic), ...uint16(id), ...ascii(payload)])

export const disconnectPacket = (): Uint8Array => packet(type.disconnect, [])

/**
 * Packets from the pieces of a stream: a WebSocket frame may hold a part of one or several of them (MQTT 3.1.1, 6.0). Keeps what is not complete for the next
 * piece.
 */
export function createReader(): (piece: ArrayBuffer) => ServerPacket[] {
  let kept: number[] = []
  return (piece) => {
    kept = kept.concat(Array.from(new Uint8Array(piece)))
    const packets: ServerPacket[] = []
    for (let next = takePacket(kept); next !== null; next = takePacket(kept)) {
      packets.push(next.packet)
      kept = kept.slice(next.length)
    }
    return packets
  }
}

function takePacket(bytes: readonly number[]): { packet: ServerPacket; length: number } | null {
  let bodyLength = 0
  for (let at = 1, factor = 1; at < bytes.length; at++, factor *= 128) {
    const digit = bytes[at]!
    bodyLength += (digit & 0x7f) * factor
    if (digit & 0x80) continue
    const length = at + 1 + bodyLength
    if (bytes.length < length) return null
    return { packet: readBody(bytes[0]! & 0xf0, bytes.slice(at + 1, length)), length }
  }
  return null
}

function readBody(kind: number, body: readonly number[]): ServerPacket {
  if (kind === type.connack) return { type: 'connack', code: body[1] ?? 255 }
  if (kind === type.puback) return { type: 'puback', id: (body[0] ?? 0) * 256 + (body[1] ?? 0) }
  return { type: 'other' }
}

function packet(kind: number, body: readonly number[]): Uint8Array {
  return Uint8Array.from([kind, ...lengthDigits(body.length), ...body])
}

function lengthDigits(length: number): number[] {
  const digits: number[] = []
  let rest = length
  do {
    const digit = rest % 128
    rest = Math.floor(rest / 128)
    digits.push(rest > 0 ? digit | 0x80 : digit)
  } while (rest > 0)
  return digits
}

const uint16 = (value: number) => [Math.floor(value / 256) & 0xff, value & 0xff]
const ascii = (value: string) => Array.from(value, (letter) => letter.charCodeAt(0) & 0x7f)
const text = (value: string) => [...uint16(value.length), ...ascii(value)]
