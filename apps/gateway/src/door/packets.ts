import { generate, parser, type Packet } from 'mqtt-packet'
import { BadPacket, type PacketReader } from './packet-reader.ts'

export type Version = 3 | 4 | 5

/** First half of the first byte of a packet (MQTT 5, 2.1.2). */
export const packetType = { connect: 1, publish: 3, pubrel: 6, pingreq: 12 } as const

/** Reason codes of MQTT 5 that we give (2.4). */
export const reason = {
  success: 0x00,
  malformed: 0x81,
  protocolError: 0x82,
  wrongLogin: 0x86,
  notAuthorised: 0x87,
  unavailable: 0x88,
  banned: 0x8a,
  badAuthMethod: 0x8c,
  keepAliveTimeout: 0x8d,
  takenOver: 0x8e,
  topicInvalid: 0x90,
  packetIdUnknown: 0x92,
  topicAliasInvalid: 0x94,
  packetTooLarge: 0x95,
  quotaExceeded: 0x97,
  administrative: 0x98,
  payloadInvalid: 0x99,
} as const

export interface Publish {
  readonly topic: string
  readonly payload: Buffer
  readonly qos: number
  /** 0 with QoS 0. */
  readonly packetId: number
}

/** Any packet but a PUBLISH, by the library: they are rare. Throws {@link BadPacket}. */
export function parsePacket(bytes: Buffer, version: Version): Packet {
  let found: Packet | undefined
  let problem: unknown
  const library = parser({ protocolVersion: version })
  library.on('packet', (packet) => (found = packet))
  library.on('error', (error: unknown) => (problem = error))
  try {
    library.parse(bytes)
  } catch (error) {
    problem = error
  }
  if (found === undefined || problem !== undefined)
    throw new BadPacket('malformed', problem instanceof Error ? problem.message : 'not a packet')
  return found
}

/**
 * A PUBLISH, by hand: it is nearly all of what devices send, and the library takes 6 µs for what takes 0.4 µs here. One with properties goes through the
 * library, which checks them. Throws {@link BadPacket}.
 */
export function readPublish(reader: PacketReader, version: Version): Publish {
  const { bytes, headerAt, bodyAt, endAt } = reader
  const flags = bytes[headerAt]!
  const qos = (flags >> 1) & 3
  if (qos === 3) throw new BadPacket('malformed', 'QoS 3')
  if (bodyAt + 2 > endAt) throw new BadPacket('malformed', 'no topic')
  const topicAt = bodyAt + 2
  const topicEnd = topicAt + ((bytes[bodyAt]! << 8) | bytes[bodyAt + 1]!)
  let at = qos === 0 ? topicEnd : topicEnd + 2
  if (at > endAt) throw new BadPacket('malformed', 'a topic longer than its packet')
  const packetId = qos === 0 ? 0 : (bytes[topicEnd]! << 8) | bytes[topicEnd + 1]!
  if (qos > 0 && packetId === 0) throw new BadPacket('malformed', 'packet identifier 0')
  if (version === 5) {
    if (at >= endAt) throw new BadPacket('malformed', 'no properties')
    if (bytes[at] !== 0) return readPublishWithProperties(reader.packet())
    at++
  }
  return {
    topic: bytes.toString('utf8', topicAt, topicEnd),
    payload: bytes.subarray(at, endAt),
    qos,
    packetId,
  }
}

/** We allow no topic aliases (`topicAliasMaximum` 0), so whoever uses one breaks the protocol. */
function readPublishWithProperties(bytes: Buffer): Publish {
  const packet = parsePacket(bytes, 5)
  if (packet.cmd !== 'publish') throw new BadPacket('malformed', 'not a PUBLISH')
  if (packet.properties?.topicAlias !== undefined) throw new BadPacket('malformed', 'a topic alias')
  const { topic, payload, qos, messageId } = packet
  return {
    topic,
    payload: typeof payload === 'string' ? Buffer.from(payload) : payload,
    qos,
    packetId: messageId ?? 0,
  }
}

/** A packet of ours. */
export const writePacket = (packet: Packet, version: Version): Buffer =>
  generate(packet, { protocolVersion: version })

export const pingResponse = Buffer.from([0xd0, 0])

/** First bytes of what answers a PUBLISH or a PUBREL. */
export const ackHeader = { puback: 0x40, pubrec: 0x50, pubcomp: 0x70 } as const

/** An answer as one number, so that those of a batch are gathered without an object each. */
export const toAck = (header: number, packetId: number, code = 0): number =>
  header * 0x1_00_00_00 + code * 0x1_00_00 + packetId

/** All of them in one piece. A reason is written only where there is one: 3.1.1 has none, and MQTT 5 leaves out that of success. */
export function writeAcks(acks: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(acks.length * 5)
  let at = 0
  for (const ack of acks) {
    const code = (ack >>> 16) & 0xff
    bytes[at++] = (ack / 0x1_00_00_00) & 0xff
    bytes[at++] = code === 0 ? 2 : 3
    bytes[at++] = (ack >>> 8) & 0xff
    bytes[at++] = ack & 0xff
    if (code !== 0) bytes[at++] = code
  }
  return bytes.subarray(0, at)
}
