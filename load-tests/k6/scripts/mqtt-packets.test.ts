import { generate, parser, type Packet } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { connectPacket, createReader, disconnectPacket, publishPacket } from './mqtt-packets.ts'

const read = (bytes: Uint8Array): Packet => {
  const found: Packet[] = []
  const reading = parser()
  reading.on('packet', (packet) => found.push(packet))
  expect(reading.parse(Buffer.from(bytes))).toBe(0)
  return found[0]!
}
const pieceOf = (bytes: Uint8Array) => Uint8Array.from(bytes).buffer

describe('what k6 says in MQTT', () => {
  it('is a login that a full implementation understands', () => {
    const login = { clientId: 'k6-1', username: 'k6-load', password: 'secret' }
    expect(read(connectPacket(login, 30))).toMatchObject({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      keepalive: 30,
      clientId: 'k6-1',
      username: 'k6-load',
      password: Buffer.from('secret'),
    })
    expect(read(disconnectPacket())).toMatchObject({ cmd: 'disconnect' })
  })

  it.each([0, 1, 110, 111, 127, 128, 16_383, 20_000])('is a message with %i bytes of payload', (length) => {
    const payload = 'x'.repeat(length)
    expect(read(publishPacket('gk/v1/k6-1/readings', 65_535, payload))).toMatchObject({
      cmd: 'publish',
      qos: 1,
      messageId: 65_535,
      topic: 'gk/v1/k6-1/readings',
      payload: Buffer.from(payload),
    })
  })
})

describe('what k6 hears in MQTT', () => {
  const answers = Buffer.concat([
    generate({ cmd: 'connack', returnCode: 5, sessionPresent: false }),
    generate({ cmd: 'puback', messageId: 300 }),
    generate({ cmd: 'publish', topic: 't', payload: 'x'.repeat(300), qos: 0, dup: false, retain: false }),
    generate({ cmd: 'puback', messageId: 2 }),
  ])
  const meant = [
    { type: 'connack', code: 5 },
    { type: 'puback', id: 300 },
    { type: 'other' },
    { type: 'puback', id: 2 },
  ]

  it('may come as several packets in one frame', () => {
    expect(createReader()(pieceOf(answers))).toEqual(meant)
  })

  it('may come in pieces of any size', () => {
    for (const size of [1, 2, 3, 7, 100]) {
      const take = createReader()
      const heard = []
      for (let at = 0; at < answers.length; at += size)
        heard.push(...take(pieceOf(answers.subarray(at, at + size))))
      expect(heard, `${size}`).toEqual(meant)
    }
  })
})
