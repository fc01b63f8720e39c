import type { IConnectPacket, IDisconnectPacket, ISubscribePacket, Packet } from 'mqtt-packet'
import type { Answer } from '../intake/intake.service.ts'
import type { ResolvedMessage } from '../intake/resolve-message.ts'
import type { Speaker } from '../intake/speaker.ts'
import { edgeOfCommands, isForbiddenTopic } from './device-topic.ts'
import { BadPacket, PacketReader } from './packet-reader.ts'
import {
  ackHeader,
  packetType,
  parsePacket,
  pingResponse,
  readPublish,
  reason,
  toAck,
  writeAcks,
  writePacket,
  type Publish,
  type Version,
} from './packets.ts'
import { reasonOf } from './publish-outcome.ts'
import type { RefusalReason as Refusal } from '@gridkeeper/contracts'

/** The way to the device: a socket, or a WebSocket in the shape of one. */
export interface Link {
  readonly writableLength: number
  write(bytes: Uint8Array): unknown
  pause(): unknown
  resume(): unknown
  end(): unknown
  destroy(): unknown
}

export interface SessionLimits {
  readonly preLoginBytes: number
  readonly maxPacketBytes: number
  /** Messages of a connection that may wait for their commit; beyond it the connection is not read from. */
  readonly inflight: number
}

export interface Incoming {
  readonly topic: string
  readonly payload: Buffer
}

/** What a session asks of the door. */
export interface SessionHost {
  readonly limits: SessionLimits
  now(): number
  /** A CONNECT has come: answer by `open`, `refuse` or, for a process of ours, by taking the link away. */
  login(session: DeviceSession, packet: IConnectPacket): void
  /** Answers after the commit, or with an error if it never comes. */
  take(session: DeviceSession, message: Incoming, answer: Answer): void
  /** For how many milliseconds the session is not to be read from, after a message under this topic. */
  waitAfter(session: DeviceSession, topic: string): number
  /** `flush` is to be called when this turn of the event loop is over. */
  flushSoon(session: DeviceSession): void
  mayCommand(session: DeviceSession, edgeKey: string): boolean
  /** False: too many. */
  subscribe(session: DeviceSession, filter: string): boolean
  unsubscribe(session: DeviceSession, filter: string): void
  refused(session: DeviceSession, refusal: Refusal, detail?: string): void
  /** The session has ended: forget it. */
  ended(session: DeviceSession): void
}

/** Why a session is not read from; none may be left when it is read again. */
const hold = { login: 1, inflight: 2, rate: 4, room: 8 } as const

/** PUBACKs that a device does not read pile up to so many bytes. */
const maxUnreadBytes = 64 * 1024
/** Of a stranger, so many keys are remembered: to end it when one of them becomes known. */
const maxHeardKeys = 16

/**
 * One connection of a device, without its socket. MQTT 3.1, 3.1.1 and 5.
 *
 *   awaiting-connect  the first packet must be a whole, small CONNECT            → authenticating, closed
 *   authenticating    nothing is read until the door has answered                → open, closed
 *   open              publishes; each is answered after its commit               → closed
 *   closed            no bytes are read or written; commits that are still on their way are counted, not answered
 *
 * Devices only speak: nothing is kept for them, and nothing is sent to them but answers and the commands of Sparkplug. Their retain flag means nothing.
 * An end that the device did not announce makes its will a message, unless it is the gateway that stops.
 */
export class DeviceSession {
  state: 'awaiting-connect' | 'authenticating' | 'open' | 'closed' = 'awaiting-connect'
  version: Version = 4
  /** '' until it is open. */
  clientId = ''
  speaker: Speaker | null = null
  secretHash: string | null = null
  /** Unknown keys that a stranger spoke under. */
  readonly heardKeys = new Set<string>()
  readonly since: number
  #heardAt: number
  #keepAliveMs = 0
  #will: Incoming | null = null
  #inflight = 0
  #holds = 0
  #isReading = false
  #acks: number[] = []
  /** QoS 2 by packet id: whether it is committed. Forgotten with its PUBREL. */
  #exactlyOnce: Map<number, boolean> | null = null
  readonly #reader: PacketReader

  constructor(
    readonly link: Link,
    readonly address: string,
    private readonly host: SessionHost,
  ) {
    this.#reader = new PacketReader(host.limits.preLoginBytes)
    this.since = host.now()
    this.#heardAt = this.since
  }

  get isOpen(): boolean {
    return this.state === 'open'
  }

  /** It has been silent for half as long again as it promised to be at most. One that we do not read from cannot be heard. */
  isSilent(nowMs: number): boolean {
    return (
      this.state === 'open' &&
      this.#keepAliveMs > 0 &&
      this.#holds === 0 &&
      nowMs - this.#heardAt > this.#keepAliveMs * 1.5
    )
  }

  receive(chunk: Buffer): void {
    if (this.state === 'closed') return
    this.#heardAt = this.host.now()
    this.#reader.push(chunk)
    // A web browser or a scanner is not waited for.
    if (this.state === 'awaiting-connect' && (this.#reader.first ?? 0x10) >> 4 !== packetType.connect)
      return this.#breaksProtocol('the first packet is not a CONNECT')
    this.#read()
  }

  /** Everything since the CONNECT, for a connection that somebody else goes on with. */
  giveUp(): Buffer {
    this.state = 'closed'
    return this.#reader.rest()
  }

  open(speaker: Speaker, secretHash: string | null, clientId: string, connack: Packet): void {
    if (this.state !== 'authenticating') return
    this.state = 'open'
    this.speaker = speaker
    this.secretHash = secretHash
    this.clientId = clientId
    this.#reader.maxBytes = this.host.limits.maxPacketBytes
    this.link.write(writePacket(connack, this.version))
    this.#release(hold.login)
  }

  /** The answer to a CONNECT that leads nowhere. */
  refuse(code: { readonly v3: number; readonly v5: number }): void {
    if (this.state !== 'authenticating') return
    this.link.write(
      writePacket(
        this.version === 5
          ? { cmd: 'connack', reasonCode: code.v5, sessionPresent: false }
          : { cmd: 'connack', returnCode: code.v3, sessionPresent: false },
        this.version,
      ),
    )
    this.#will = null
    this.#close()
  }

  /** Ended by the door; the will is published. */
  end(code: number): void {
    if (this.state === 'open' && this.version === 5)
      this.link.write(writePacket({ cmd: 'disconnect', reasonCode: code }, 5))
    this.#close()
  }

  /** The socket has closed. */
  lost(): void {
    this.#close()
  }

  /** The gateway stops: no will is published, since nothing has happened to the device. */
  drop(): void {
    this.#will = null
    this.state = 'closed'
    this.link.destroy()
  }

  holdForRoom(): void {
    this.#hold(hold.room)
  }

  resumeForRoom(): void {
    this.#release(hold.room)
  }

  /** QoS 0: a command that does not arrive is given again when the next message shows that it is needed. */
  command(topic: string, payload: Buffer): void {
    if (this.state !== 'open') return
    this.link.write(
      writePacket({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false }, this.version),
    )
  }

  /** Writes the answers that have gathered, all at once. */
  flush(): void {
    if (this.state !== 'open') return
    this.#writeAcks()
    if (this.link.writableLength <= maxUnreadBytes) return
    this.host.refused(this, 'slow-reader')
    this.#close(true)
  }

  #writeAcks(): void {
    if (this.#acks.length === 0) return
    this.link.write(writeAcks(this.#acks))
    this.#acks = []
  }

  #read(): void {
    if (this.#isReading) return
    this.#isReading = true
    try {
      while (this.#holds === 0 && this.state !== 'closed' && this.#reader.next()) this.#takePacket()
    } catch (error) {
      if (!(error instanceof BadPacket)) throw error
      this.#refuseBytes(error)
    } finally {
      this.#isReading = false
    }
  }

  #refuseBytes(error: BadPacket): void {
    const isEarly = this.state === 'awaiting-connect'
    this.host.refused(
      this,
      isEarly && error.code === 'packet-too-large' ? 'pre-login-bytes' : error.code,
      error.message,
    )
    this.end(error.code === 'malformed' ? reason.malformed : reason.packetTooLarge)
  }

  #takePacket(): void {
    const type = this.#reader.bytes[this.#reader.headerAt]! >> 4
    if (this.state === 'awaiting-connect') return this.#takeConnect()
    if (type === packetType.publish) return this.#takePublish(readPublish(this.#reader, this.version))
    if (type === packetType.pingreq) return void this.link.write(pingResponse)
    const packet = parsePacket(this.#reader.packet(), this.version)
    if (packet.cmd === 'pubrel') return this.#takeRelease(packet.messageId ?? 0)
    if (packet.cmd === 'subscribe') return this.#takeSubscribe(packet)
    if (packet.cmd === 'unsubscribe') {
      for (const filter of packet.unsubscriptions) this.host.unsubscribe(this, filter)
      const granted = packet.unsubscriptions.map(() => 0)
      return void this.link.write(
        writePacket({ cmd: 'unsuback', messageId: packet.messageId ?? 0, granted }, this.version),
      )
    }
    if (packet.cmd === 'disconnect') return this.#takeDisconnect(packet)
    this.#breaksProtocol(`an unexpected ${packet.cmd}`)
  }

  #breaksProtocol(detail: string): void {
    this.host.refused(this, 'protocol-error', detail)
    this.end(reason.protocolError)
  }

  #takeConnect(): void {
    const packet = parsePacket(this.#reader.packet(), 4)
    if (packet.cmd !== 'connect') return this.#breaksProtocol('the first packet is not a CONNECT')
    this.version = packet.protocolVersion ?? 4
    this.#keepAliveMs = (packet.keepalive ?? 0) * 1000
    this.state = 'authenticating'
    this.#hold(hold.login)
    const { will } = packet
    if (will !== undefined) {
      const { topic, payload } = will
      if (isForbiddenTopic(topic)) {
        this.host.refused(this, 'forbidden-topic', 'a will')
        return this.refuse({ v3: 5, v5: reason.topicInvalid })
      }
      this.#will = { topic, payload: typeof payload === 'string' ? Buffer.from(payload) : payload }
    }
    this.host.login(this, packet)
  }

  #takePublish(message: Publish): void {
    const { topic, qos, packetId } = message
    if (isForbiddenTopic(topic)) {
      this.host.refused(this, 'forbidden-topic')
      return this.end(reason.notAuthorised)
    }
    if (qos === 2 && this.#isKnownTwice(packetId)) return
    this.#inflight++
    if (this.#inflight >= this.host.limits.inflight) this.#hold(hold.inflight)
    this.host.take(this, message, (error, outcome) => this.#finish(qos, packetId, error, outcome))
    const waitMs = this.host.waitAfter(this, topic)
    if (waitMs > 0) this.#rest(waitMs)
  }

  /** Sent again before its PUBREL: the first one is on its way, or done and answered again. */
  #isKnownTwice(packetId: number): boolean {
    this.#exactlyOnce ??= new Map()
    const isCommitted = this.#exactlyOnce.get(packetId)
    if (isCommitted === undefined) {
      this.#exactlyOnce.set(packetId, false)
      return false
    }
    if (isCommitted) this.#answer(toAck(ackHeader.pubrec, packetId))
    return true
  }

  #rest(waitMs: number): void {
    this.host.refused(this, 'rate')
    this.#hold(hold.rate)
    setTimeout(() => this.#release(hold.rate), waitMs).unref()
  }

  #finish(qos: number, packetId: number, error: unknown, outcome?: ResolvedMessage): void {
    this.#inflight--
    if (this.state === 'closed') return
    if (error !== null || outcome === undefined) return this.#close(true)
    if (this.speaker?.kind === 'stranger') this.#rememberKeys(outcome)
    const code = outcome.deadLetters.length === 0 ? 0 : reasonOf(outcome)
    if (code === reason.notAuthorised) this.host.refused(this, 'not-own-key')
    const told = this.version === 5 ? code : 0
    if (qos === 1) this.#answer(toAck(ackHeader.puback, packetId, told))
    else if (qos === 2) {
      // A PUBREC with a reason ends the exchange; any other waits for its PUBREL.
      if (told === 0) this.#exactlyOnce?.set(packetId, true)
      else this.#exactlyOnce?.delete(packetId)
      this.#answer(toAck(ackHeader.pubrec, packetId, told))
    }
    if ((this.#holds & hold.inflight) !== 0 && this.#inflight <= this.host.limits.inflight / 2)
      this.#release(hold.inflight)
  }

  #rememberKeys({ strangers }: ResolvedMessage): void {
    for (const { key } of strangers) if (this.heardKeys.size < maxHeardKeys) this.heardKeys.add(key)
  }

  #answer(ack: number): void {
    if (this.#acks.length === 0) this.host.flushSoon(this)
    this.#acks.push(ack)
  }

  #takeRelease(packetId: number): void {
    const isKnown = this.#exactlyOnce?.delete(packetId) === true
    const code = this.version === 5 && !isKnown ? reason.packetIdUnknown : 0
    this.#answer(toAck(ackHeader.pubcomp, packetId, code))
  }

  #takeSubscribe({ subscriptions, messageId = 0 }: ISubscribePacket): void {
    const granted = subscriptions.map(({ topic }) => {
      const edgeKey = edgeOfCommands(topic)
      if (edgeKey !== null && this.host.mayCommand(this, edgeKey) && this.host.subscribe(this, topic))
        return 0
      this.host.refused(this, 'subscribe')
      return this.version === 5 ? reason.notAuthorised : 0x80
    })
    this.link.write(writePacket({ cmd: 'suback', messageId, granted }, this.version))
  }

  #takeDisconnect({ reasonCode = 0 }: IDisconnectPacket): void {
    // MQTT 5, 3.14.2.1: 0x04 says goodbye and wants the will published all the same.
    if (reasonCode !== 4) this.#will = null
    this.#close()
  }

  /** Idempotent. Answers that have gathered are written first, unless there is no sense in writing. */
  #close(isAbrupt = false): void {
    if (this.state === 'closed') return
    if (!isAbrupt) this.#writeAcks()
    const wasOpen = this.state === 'open'
    this.state = 'closed'
    if (isAbrupt) this.link.destroy()
    else this.link.end()
    const will = this.#will
    this.#will = null
    if (wasOpen && will !== null) this.host.take(this, will, () => undefined)
    this.host.ended(this)
  }

  #hold(why: number): void {
    if (this.#holds === 0) this.link.pause()
    this.#holds |= why
  }

  #release(why: number): void {
    if ((this.#holds & why) === 0) return
    this.#holds &= ~why
    if (this.#holds !== 0 || this.state === 'closed') return
    this.#heardAt = this.host.now()
    // What has been received is taken first: it may hold the session again.
    this.#read()
    if (this.#holds === 0) this.link.resume()
  }
}
