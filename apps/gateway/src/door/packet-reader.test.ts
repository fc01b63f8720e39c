import fc from 'fast-check'
import { generate } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { PacketReader } from './packet-reader.ts'
import { parsePacket, readPublish, toAck, ackHeader, writeAcks } from './packets.ts'

const publish = (payload: Buffer, qos: 0 | 1 | 2, version: 4 | 5, properties = {}) =>
  generate(
    {
      cmd: 'publish',
      topic: 'gk/v1/Zähler-1/readings',
      payload,
      qos,
      dup: false,
      retain: false,
      ...(qos === 0 ? {} : { messageId: 1 + (payload.length % 60_000) }),
      ...(version === 5 ? { properties } : {}),
    },
    { protocolVersion: version },
  )

describe('PacketReader', () => {
  it('finds the same packets however the bytes are cut', () => {
    const messages = fc.array(
      fc.record({
        payload: fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
        qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
        hasExpiry: fc.boolean(),
      }),
      { minLength: 1, maxLength: 6 },
    )
    const cuts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 })
    fc.assert(
      fc.property(messages, cuts, fc.constantFrom(4 as const, 5 as const), (list, steps, version) => {
        const bytes = Buffer.concat(
          list.map(({ payload, qos, hasExpiry }) =>
            publish(payload, qos, version, hasExpiry ? { messageExpiryInterval: 60 } : {}),
          ),
        )
        const reader = new PacketReader(100_000)
        const found: { payload: Buffer; qos: number; packetId: number; topic: string }[] = []
        for (let from = 0, at = 0; from < bytes.length; at++) {
          const step = steps[at % steps.length]!
          reader.push(bytes.subarray(from, from + step))
          while (reader.next()) found.push(readPublish(reader, version))
          from += step
        }
        expect(
          found.map(({ payload, qos, packetId, topic }) => [Buffer.from(payload), qos, packetId, topic]),
        ).toEqual(
          list.map(({ payload, qos }) => [
            payload,
            qos,
            qos === 0 ? 0 : 1 + (payload.length % 60_000),
            'gk/v1/Zähler-1/readings',
          ]),
        )
      }),
    )
  })

  it('never throws anything but a refusal at bytes that mean nothing', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom(4 as const, 5 as const),
        (junk, version) => {
          const reader = new PacketReader(1_000)
          reader.push(Buffer.from(junk))
          try {
            while (reader.next())
              if (reader.bytes[reader.headerAt]! >> 4 === 3) readPublish(reader, version)
              else parsePacket(reader.packet(), version)
          } catch (error) {
            expect(error).toMatchObject({ code: expect.stringMatching(/^(malformed|packet-too-large)$/) })
          }
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('refuses by the header alone what is larger than the limit, and a length without end', () => {
    const tooLarge = new PacketReader(1_000)
    tooLarge.push(publish(Buffer.alloc(1_001), 0, 4).subarray(0, 3))
    expect(() => tooLarge.next()).toThrow(expect.objectContaining({ code: 'packet-too-large' }))
    const endless = new PacketReader(2 ** 31)
    endless.push(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01]))
    expect(() => endless.next()).toThrow(expect.objectContaining({ code: 'malformed' }))
  })

  it('writes over nothing that it has handed out', () => {
    const reader = new PacketReader(1_000)
    const bytes = Buffer.concat([publish(Buffer.from('first'), 0, 4), publish(Buffer.from('second'), 0, 4)])
    const payloads: Buffer[] = []
    for (const byte of bytes) {
      reader.push(Buffer.from([byte]))
      while (reader.next()) payloads.push(readPublish(reader, 4).payload)
    }
    expect(payloads.map(String)).toEqual(['first', 'second'])
  })
})

describe('readPublish', () => {
  it.each([
    ['QoS 3', [0x36, 5, 0, 1, 0x61, 0, 1], 4],
    ['packet id 0', [0x32, 5, 0, 1, 0x61, 0, 0], 4],
    ['a topic longer than its packet', [0x30, 3, 0, 9, 0x61], 4],
    ['no properties in MQTT 5', [0x30, 3, 0, 1, 0x61], 5],
    ['a topic alias that we never offered', [0x30, 7, 0, 1, 0x61, 3, 0x23, 0, 1], 5],
  ] as const)('refuses %s', (_what, bytes, version) => {
    const reader = new PacketReader(100)
    reader.push(Buffer.from(bytes))
    expect(reader.next()).toBe(true)
    expect(() => readPublish(reader, version)).toThrow(expect.objectContaining({ code: 'malformed' }))
  })
})

describe('writeAcks', () => {
  it('writes what the library reads', () => {
    const bytes = writeAcks([
      toAck(ackHeader.puback, 1),
      toAck(ackHeader.pubrec, 65_535),
      toAck(ackHeader.pubcomp, 258),
      toAck(ackHeader.puback, 7, 0x99),
    ])
    const reader = new PacketReader(100)
    reader.push(bytes)
    const found: unknown[] = []
    while (reader.next()) found.push(parsePacket(reader.packet(), 5))
    expect(found).toMatchObject([
      { cmd: 'puback', messageId: 1 },
      { cmd: 'pubrec', messageId: 65_535 },
      { cmd: 'pubcomp', messageId: 258 },
      { cmd: 'puback', messageId: 7, reasonCode: 0x99 },
    ])
  })
})
