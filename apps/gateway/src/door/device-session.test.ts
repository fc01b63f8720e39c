import { generate, type IConnectPacket, type Packet } from 'mqtt-packet'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Answer } from '../intake/intake.service.ts'
import { nothing, type ResolvedMessage } from '../intake/resolve-message.ts'
import { connackFor } from './connack.ts'
import { DeviceSession, type Link, type SessionHost } from './device-session.ts'
import { PacketReader } from './packet-reader.ts'
import { parsePacket } from './packets.ts'
import type { RefusalReason as Refusal } from '@gridkeeper/contracts'

class FakeLink implements Link {
  writableLength = 0
  isPaused = false
  writes: Buffer[] = []
  end = vi.fn<() => void>()
  destroy = vi.fn<() => void>()
  write(bytes: Uint8Array): void {
    this.writes.push(Buffer.from(bytes))
  }
  pause(): void {
    this.isPaused = true
  }
  resume(): void {
    this.isPaused = false
  }
}

class FakeHost implements SessionHost {
  readonly limits = { preLoginBytes: 4_096, maxPacketBytes: 10_000, inflight: 4 }
  nowMs = 0
  waitMs = 0
  mayCommandAll = false
  toFlush: DeviceSession[] = []
  readonly connects: IConnectPacket[] = []
  readonly taken: { topic: string; payload: string; answer: Answer }[] = []
  readonly refusals: Refusal[] = []
  readonly filters = new Set<string>()
  hasEnded = false
  now = () => this.nowMs
  login = (_session: DeviceSession, packet: IConnectPacket) => void this.connects.push(packet)
  take = (_: DeviceSession, { topic, payload }: { topic: string; payload: Buffer }, answer: Answer) =>
    void this.taken.push({ topic, payload: payload.toString(), answer })
  waitAfter = () => this.waitMs
  flushSoon = (session: DeviceSession) => void this.toFlush.push(session)
  mayCommand = () => this.mayCommandAll
  subscribe = (_: DeviceSession, filter: string) => this.filters.add(filter).size <= 64
  unsubscribe = (_: DeviceSession, filter: string) => void this.filters.delete(filter)
  refused = (_: DeviceSession, refusal: Refusal) => void this.refusals.push(refusal)
  ended = () => (this.hasEnded = true)

  /** The commit of what was taken so far, oldest first. */
  commit(count = this.taken.length, outcome: ResolvedMessage = nothing): void {
    for (const { answer } of this.taken.splice(0, count)) answer(null, outcome)
    for (const session of this.toFlush.splice(0)) session.flush()
  }
}

const refusedFor = (reason: string): ResolvedMessage => ({
  ...nothing,
  deadLetters: [{ reason } as ResolvedMessage['deadLetters'][number]],
})

describe('DeviceSession', () => {
  let link: FakeLink
  let host: FakeHost
  let session: DeviceSession
  let version: 4 | 5

  const send = (packet: Packet) => session.receive(generate(packet, { protocolVersion: version }))
  const answers = () => {
    const reader = new PacketReader(100_000)
    const bytes = Buffer.concat(link.writes.splice(0))
    reader.push(bytes)
    const found: Packet[] = []
    while (bytes.length > 0 && reader.next()) found.push(parsePacket(reader.packet(), version))
    return found
  }
  const open = (fields: Partial<IConnectPacket> = {}, as: 'login' | 'stranger' = 'login') => {
    send({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: version,
      clientId: 'c',
      keepalive: 60,
      ...fields,
    })
    const [packet] = host.connects
    if (packet === undefined) throw new Error('no CONNECT')
    const speaker =
      as === 'login'
        ? ({ kind: 'login', key: 'M-1' } as const)
        : ({ kind: 'stranger', login: 'x', secretHash: null } as const)
    session.open(speaker, null, 'c', connackFor(packet, 'c', host.limits))
  }
  const publish = (qos: 0 | 1 | 2 = 1, messageId = 1, topic = 'gk/v1/M-1/readings', dup = false) =>
    send({
      cmd: 'publish',
      topic,
      payload: `p${messageId}`,
      qos,
      dup,
      retain: false,
      ...(qos === 0 ? {} : { messageId }),
    })

  beforeEach(() => {
    link = new FakeLink()
    host = new FakeHost()
    version = 4
    session = new DeviceSession(link, '192.0.2.1', host)
  })

  describe('before the login', () => {
    it('reads nothing after the CONNECT until the door has answered, and then what has come meanwhile', () => {
      const connect = generate({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clientId: 'c',
        keepalive: 0,
      })
      const early = generate({ cmd: 'publish', topic: 'a', payload: 'x', qos: 0, dup: false, retain: false })
      session.receive(Buffer.concat([connect, early]))
      expect([link.isPaused, host.taken.length]).toEqual([true, 0])
      session.open({ kind: 'login', key: 'M-1' }, null, 'c', connackFor(host.connects[0]!, 'c', host.limits))
      expect([link.isPaused, host.taken.length]).toEqual([false, 1])
      expect(answers()).toMatchObject([{ cmd: 'connack', returnCode: 0, sessionPresent: false }])
    })

    it('ends what does not begin with a CONNECT', () => {
      publish()
      expect([host.refusals, host.hasEnded]).toEqual([['protocol-error'], true])
      expect(link.writes).toEqual([])
    })

    it('ends by its header what announces more than a CONNECT may have', () => {
      session.receive(Buffer.from([0x10, 0x81, 0x20]))
      expect(host.refusals).toEqual(['pre-login-bytes'])
    })

    it('ends what is no MQTT', () => {
      session.receive(Buffer.from('GET / HTTP/1.1\r\n\r\n'))
      expect(host.hasEnded).toBe(true)
    })

    it('refuses a last will to the bus', () => {
      send({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clientId: 'c',
        will: { topic: 'gk/bus/registry', payload: '{}' },
      })
      expect(host.refusals).toEqual(['forbidden-topic'])
      expect(answers()).toMatchObject([{ cmd: 'connack', returnCode: 5 }])
      expect([host.connects.length, host.taken.length]).toEqual([0, 0])
    })
  })

  describe.each([4, 5] as const)('MQTT version %i', (given) => {
    beforeEach(() => {
      version = given
    })

    it('acknowledges QoS 1 after its commit, never before, and all of a commit in one write', () => {
      open()
      answers()
      publish(1, 1)
      publish(1, 2)
      expect(link.writes).toEqual([])
      host.commit()
      expect(link.writes).toHaveLength(1)
      expect(answers()).toMatchObject([
        { cmd: 'puback', messageId: 1 },
        { cmd: 'puback', messageId: 2 },
      ])
    })

    it('answers nothing to QoS 0', () => {
      open()
      answers()
      publish(0)
      host.commit()
      expect(link.writes).toEqual([])
    })

    it('takes QoS 2 once until its PUBREL', () => {
      open()
      answers()
      publish(2, 7)
      publish(2, 7, undefined, true)
      expect(host.taken).toHaveLength(1)
      host.commit()
      expect(answers()).toMatchObject([{ cmd: 'pubrec', messageId: 7 }])
      publish(2, 7, undefined, true)
      host.commit()
      expect(answers()).toMatchObject([{ cmd: 'pubrec', messageId: 7 }])
      send({ cmd: 'pubrel', messageId: 7 })
      host.commit()
      expect(answers()).toMatchObject([{ cmd: 'pubcomp', messageId: 7 }])
      publish(2, 7)
      expect(host.taken).toHaveLength(1)
    })

    it('ends without an acknowledgement when the commit never comes', () => {
      open()
      answers()
      publish()
      host.taken[0]?.answer(new Error('stopping'))
      expect(link.destroy).toHaveBeenCalled()
      expect(link.writes).toEqual([])
    })

    it('grants no subscription but the commands of an edge node of its own', () => {
      open()
      answers()
      const wants = (topic: string) =>
        send({ cmd: 'subscribe', messageId: 3, subscriptions: [{ topic, qos: 1 }] })
      wants('spBv1.0/g/NCMD/e')
      expect(answers()).toMatchObject([{ granted: [given === 5 ? 0x87 : 0x80] }])
      host.mayCommandAll = true
      for (const topic of [
        '#',
        'gk/v1/M-1/readings',
        'spBv1.0/+/NCMD/e',
        'spBv1.0/g/NCMD/#',
        'spBv1.0/g/NDATA/e',
      ])
        wants(topic)
      expect(host.filters.size).toBe(0)
      answers()
      wants('spBv1.0/g/NCMD/e')
      wants('spBv1.0/g/DCMD/e/#')
      expect(answers()).toMatchObject([{ granted: [0] }, { granted: [0] }])
      expect([...host.filters]).toEqual(['spBv1.0/g/NCMD/e', 'spBv1.0/g/DCMD/e/#'])
      session.command('spBv1.0/g/NCMD/e', Buffer.from('now'))
      expect(answers()).toMatchObject([{ cmd: 'publish', topic: 'spBv1.0/g/NCMD/e', qos: 0 }])
    })

    it.each(['gk/bus/registry', '$SYS/x', 'a/+/b', 'a/#'])('ends a session that publishes to %s', (topic) => {
      open()
      publish(0, 1, topic)
      expect([host.refusals, host.hasEnded, host.taken.length]).toEqual([['forbidden-topic'], true, 0])
    })

    it('answers a ping and an UNSUBSCRIBE', () => {
      open()
      answers()
      send({ cmd: 'pingreq' })
      send({ cmd: 'unsubscribe', messageId: 4, unsubscriptions: ['a', 'b'] })
      expect(answers()).toMatchObject([{ cmd: 'pingresp' }, { cmd: 'unsuback', messageId: 4 }])
    })

    it('ends at a second CONNECT', () => {
      open()
      send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: given, clientId: 'c', keepalive: 0 })
      expect([host.refusals, host.hasEnded]).toEqual([['protocol-error'], true])
    })
  })

  describe('MQTT 5', () => {
    beforeEach(() => {
      version = 5
    })

    it('tells its limits, and that no session is kept', () => {
      open()
      expect(answers()).toMatchObject([
        {
          properties: {
            receiveMaximum: 4,
            maximumPacketSize: 10_000,
            topicAliasMaximum: 0,
            sessionExpiryInterval: 0,
          },
        },
      ])
    })

    it.each([
      ['not-own-key', 0x87],
      ['unknown-topic', 0x90],
      ['undecodable', 0x99],
      ['unknown-device', undefined],
    ])('says in the PUBACK that all of the message was refused: %s', (reason, code) => {
      open()
      answers()
      publish()
      host.commit(1, refusedFor(reason))
      const [answer] = answers()
      expect(answer?.cmd === 'puback' ? answer.reasonCode || undefined : 'none').toBe(code)
      expect(host.refusals).toEqual(reason === 'not-own-key' ? ['not-own-key'] : [])
    })

    it('says why it ends', () => {
      open()
      answers()
      session.end(0x98)
      expect(answers()).toMatchObject([{ cmd: 'disconnect', reasonCode: 0x98 }])
    })
  })

  describe('the last will', () => {
    const will = { topic: 'gk/v1/M-1/status', payload: Buffer.from('gone'), qos: 1 as const, retain: true }

    it('is taken when the connection is lost', () => {
      open({ will })
      session.lost()
      session.lost()
      expect(host.taken.map(({ topic, payload }) => [topic, payload])).toEqual([['gk/v1/M-1/status', 'gone']])
    })

    it.each([
      ['is forgotten with a goodbye', undefined, 0],
      ['is taken with the goodbye that asks for it', 4, 1],
    ] as const)('%s', (_title, reasonCode, count) => {
      version = 5
      open({ will })
      send({ cmd: 'disconnect', ...(reasonCode === undefined ? {} : { reasonCode }) })
      expect([host.taken.length, host.hasEnded]).toEqual([count, true])
    })

    it('is not taken when it is the gateway that stops, or when the login was refused', () => {
      open({ will })
      session.drop()
      session.lost()
      expect(host.taken).toEqual([])
    })
  })

  describe('limits', () => {
    it('does not read while too many messages are on their way, and goes on when half are committed', () => {
      open()
      for (let id = 1; id <= 6; id++) publish(1, id)
      expect([link.isPaused, host.taken.length]).toEqual([true, 4])
      host.commit(1)
      expect(link.isPaused).toBe(true)
      host.commit(1)
      expect([host.taken.length, link.isPaused]).toEqual([4, true])
      host.commit()
      expect([host.taken.length, link.isPaused]).toEqual([0, false])
    })

    it('does not read for a while who says too much', () => {
      vi.useFakeTimers()
      try {
        open()
        host.waitMs = 500
        publish()
        host.waitMs = 0
        publish(1, 2)
        expect([host.refusals, host.taken.length, link.isPaused]).toEqual([['rate'], 1, true])
        vi.advanceTimersByTime(500)
        expect([host.taken.length, link.isPaused]).toEqual([2, false])
      } finally {
        vi.useRealTimers()
      }
    })

    it('ends who does not read its acknowledgements', () => {
      open()
      publish()
      link.writableLength = 100_000
      host.commit()
      expect([host.refusals, link.destroy.mock.calls.length]).toEqual([['slow-reader'], 1])
    })

    it('is silent after one and a half keep-alives, but not while it is not read from', () => {
      open({ keepalive: 10 })
      host.nowMs = 15_000
      expect(session.isSilent(15_000)).toBe(false)
      expect(session.isSilent(15_001)).toBe(true)
      for (let id = 1; id <= 4; id++) publish(1, id)
      expect(session.isSilent(99_000)).toBe(false)
    })

    it('remembers which unknown keys a stranger spoke under', () => {
      open({}, 'stranger')
      publish()
      host.commit(1, { ...nothing, strangers: [{ key: 'NEW' } as ResolvedMessage['strangers'][number]] })
      expect([...session.heardKeys]).toEqual(['NEW'])
    })
  })
})
