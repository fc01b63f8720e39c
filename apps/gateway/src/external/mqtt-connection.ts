import type { Duplex } from 'node:stream'
import {
  generate,
  parser as createParser,
  type IConnackPacket,
  type IConnectPacket,
  type IPublishPacket,
  type ISubscription,
  type Packet,
} from 'mqtt-packet'
import { openStream, type BrokerTarget } from './broker-target.ts'

const v5 = { protocolVersion: 5 } as const
const connectTimeoutMs = 10_000
const keepaliveSeconds = 20
/** Larger messages are not sent to us by the broker at all. A payload over 64 KiB becomes a dead letter. */
const maximumPacketSize = 1024 * 1024
/** So much may wait for a broker that does not read; beyond it what may be lost is not written. */
const maxUnwrittenBytes = 8 * 1024 * 1024

const reasons: Record<number, string> = {
  0x80: 'the broker refused, without a reason',
  0x81: 'malformed packet',
  0x82: 'protocol error',
  0x84: 'the broker does not speak MQTT 5',
  0x85: 'the broker does not take this client id',
  0x86: 'wrong user name or password',
  0x87: 'not authorised',
  0x88: 'the broker is not available',
  0x89: 'the broker is busy',
  0x8a: 'banned',
  0x8b: 'the broker is shutting down',
  0x8d: 'keep-alive timeout',
  0x8e: 'another client took over our client id',
  0x93: 'more messages in flight than the broker allows',
  0x95: 'packet too large',
  0x97: 'quota exceeded',
  0x9e: 'the broker has no shared subscriptions',
}
export const takenOver = 0x8e
export const reasonText = (code: number) => reasons[code] ?? `reason 0x${code.toString(16)}`

/** The broker answered, and the answer is no. `isForGood`: no repetition will change it. */
export class BrokerRefused extends Error {
  readonly code = 'broker-refused'
  constructor(
    readonly reasonCode: number,
    readonly isForGood: boolean,
    said = reasonText(reasonCode),
  ) {
    super(said)
  }
}

export interface ConnectionOptions {
  readonly target: BrokerTarget
  readonly clientId: string
  readonly username: string | null
  readonly password: string | null
  /** Start anew, and leave nothing behind. */
  readonly clean: boolean
  readonly sessionExpirySeconds: number
  readonly receiveMaximum: number
  readonly will?: NonNullable<IConnectPacket['will']>
  readonly onPublish: (packet: IPublishPacket, connection: MqttConnection) => void
  readonly onEnd: (error: Error) => void
}

export interface PublishOptions {
  readonly qos?: 0 | 1
  readonly retain?: boolean
  readonly expirySeconds?: number
}

/**
 * One MQTT 5 connection, from CONNECT to the end of its stream. It never reconnects: whoever wants that makes another, so that nothing of an old connection can
 * be sent on a new one. Modes: opening (until CONNACK) → open → ended. PUBACKs are not its business: {@link acknowledge} sends them when it is told to.
 */
export class MqttConnection {
  readonly connack: IConnackPacket
  readonly #stream: Duplex
  readonly #answers = new Map<number, (packet: Packet) => void>()
  readonly #keepalive: NodeJS.Timeout
  #nextId = 1
  #heardAt = Date.now()
  #isEnded = false
  #isPaused = false
  /** PUBLISH packets of ours that the broker has not acknowledged. */
  #unacknowledged = 0
  #waiting: (() => void)[] = []

  private constructor(stream: Duplex, connack: IConnackPacket, onEnd: () => void) {
    this.#stream = stream
    this.connack = connack
    const everyMs = ((connack.properties?.serverKeepAlive ?? keepaliveSeconds) * 1000) / 2
    this.#keepalive = setInterval(() => {
      // While we do not read, silence says nothing.
      if (!this.#isPaused && Date.now() - this.#heardAt > everyMs * 3)
        return void stream.destroy(new Error('the broker has fallen silent'))
      this.#write(generate({ cmd: 'pingreq' }, v5))
    }, everyMs)
    stream.once('close', () => {
      clearInterval(this.#keepalive)
      this.#isEnded = true
      onEnd()
    })
  }

  /** Resolves with the CONNACK. Rejects with {@link BrokerRefused} or the error of the network. */
  static open(options: ConnectionOptions): Promise<MqttConnection> {
    const stream = openStream(options.target)
    const parser = createParser(v5)
    let connection: MqttConnection | undefined
    let ending = new Error('the broker closed the connection')
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => stream.destroy(new Error('the broker did not answer in time')),
        connectTimeoutMs,
      )
      stream.on('error', (error: Error) => (ending = error))
      stream.once('close', () => {
        clearTimeout(timer)
        if (connection === undefined) reject(ending)
      })
      parser.on('error', (error: Error) => stream.destroy(error))
      parser.on('packet', (packet) => {
        if (connection !== undefined) return connection.#hear(packet, options)
        if (packet.cmd !== 'connack')
          return void stream.destroy(new Error('the broker answered with nonsense'))
        clearTimeout(timer)
        const code = packet.reasonCode ?? 0
        if (code !== 0) return void stream.destroy(new BrokerRefused(code, code === 0x84))
        connection = new MqttConnection(stream, packet, () => options.onEnd(ending))
        resolve(connection)
      })
      let isFirst = true
      stream.on('data', (bytes: Buffer) => {
        // A CONNACK of MQTT 3.1.1 has two bytes after its header, where one of MQTT 5 has at least three.
        if (isFirst && bytes[0] === 0x20 && bytes[1] === 2)
          return void stream.destroy(
            new BrokerRefused(0x84, true, 'the broker speaks MQTT 3.1.1 only; MQTT 5 is needed'),
          )
        isFirst = false
        if (connection !== undefined) connection.#heardAt = Date.now()
        parser.parse(bytes)
      })
      stream.write(generate(connectPacket(options), v5))
    })
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  /** The reason code of each filter; 0x80 and above: refused. */
  async subscribe(subscriptions: readonly ISubscription[]): Promise<number[]> {
    const answer = await this.#ask((messageId) =>
      generate({ cmd: 'subscribe', messageId, subscriptions: [...subscriptions] }, v5),
    )
    return answer.cmd === 'suback' ? (answer.granted as number[]) : []
  }

  async unsubscribe(unsubscriptions: readonly string[]): Promise<void> {
    await this.#ask((messageId) =>
      generate({ cmd: 'unsubscribe', messageId, unsubscriptions: [...unsubscriptions] }, v5),
    )
  }

  /** False: not sent, the broker does not read. Resolved is nothing: what is on the way when the connection ends may be lost. */
  publish(topic: string, payload: string | Buffer, options: PublishOptions = {}): boolean {
    const { qos = 0, retain = false, expirySeconds } = options
    if (this.#isEnded || this.#stream.writableLength > maxUnwrittenBytes) return false
    const packet = (messageId?: number) =>
      generate(
        {
          cmd: 'publish',
          topic,
          payload,
          qos,
          retain,
          dup: false,
          ...(messageId === undefined ? {} : { messageId }),
          ...(expirySeconds === undefined ? {} : { properties: { messageExpiryInterval: expirySeconds } }),
        },
        v5,
      )
    if (qos === 0) this.#write(packet())
    else if (this.#unacknowledged < (this.connack.properties?.receiveMaximum ?? 65_535))
      this.#publishOnce(packet)
    else if (this.#waiting.length < 1_000) this.#waiting.push(() => this.#publishOnce(packet))
    else return false
    return true
  }

  /** PUBACKs of the reason "success", in this order, in one write. */
  acknowledge(messageIds: readonly number[]): void {
    if (this.#isEnded || messageIds.length === 0) return
    const bytes = Buffer.allocUnsafe(messageIds.length * 4)
    for (const [index, id] of messageIds.entries()) bytes.writeUInt32BE(0x4002_0000 + id, index * 4)
    this.#write(bytes)
  }

  /** The socket is not read; the broker keeps what it would send. */
  pause(): void {
    this.#isPaused = true
    this.#stream.pause()
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#heardAt = Date.now()
    this.#stream.resume()
  }

  /** Says goodbye. `withWill`: the broker publishes our will after its delay, unless we are back by then. */
  async close(options: { withWill?: boolean; sessionExpirySeconds?: number } = {}): Promise<void> {
    if (this.#isEnded) return
    const { withWill = false, sessionExpirySeconds } = options
    const properties =
      sessionExpirySeconds === undefined
        ? {}
        : { properties: { sessionExpiryInterval: sessionExpirySeconds } }
    const closed = new Promise((resolve) => this.#stream.once('close', resolve))
    this.#stream.end(generate({ cmd: 'disconnect', reasonCode: withWill ? 4 : 0, ...properties }, v5))
    this.#stream.resume()
    const force = setTimeout(() => this.#stream.destroy(), 1_000)
    await closed
    clearTimeout(force)
  }

  destroy(): void {
    this.#stream.destroy()
  }

  #hear(packet: Packet, options: ConnectionOptions): void {
    if (packet.cmd === 'publish') options.onPublish(packet, this)
    else if (packet.cmd === 'disconnect') {
      const code = packet.reasonCode ?? 0
      this.#stream.destroy(new BrokerRefused(code, false))
    } else if (packet.messageId !== undefined) {
      const answered = this.#answers.get(packet.messageId)
      this.#answers.delete(packet.messageId)
      answered?.(packet)
    }
  }

  #ask(packet: (messageId: number) => Buffer): Promise<Packet> {
    return new Promise((resolve, reject) => {
      if (this.#isEnded) return reject(new Error('the connection has ended'))
      const id = this.#takeId()
      const onClose = () => reject(new Error('the connection ended before the answer'))
      this.#stream.once('close', onClose)
      this.#answers.set(id, (answer) => {
        this.#stream.off('close', onClose)
        resolve(answer)
      })
      this.#write(packet(id))
    })
  }

  #publishOnce(packet: (messageId: number) => Buffer): void {
    const id = this.#takeId()
    this.#unacknowledged++
    this.#answers.set(id, () => {
      this.#unacknowledged--
      this.#waiting.shift()?.()
    })
    this.#write(packet(id))
  }

  #takeId(): number {
    do this.#nextId = this.#nextId === 65_535 ? 1 : this.#nextId + 1
    while (this.#answers.has(this.#nextId))
    return this.#nextId
  }

  #write(bytes: Buffer): void {
    if (!this.#isEnded && this.#stream.writable) this.#stream.write(bytes)
  }
}

const connectPacket = (options: ConnectionOptions): IConnectPacket => ({
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion: 5,
  clientId: options.clientId,
  clean: options.clean,
  keepalive: keepaliveSeconds,
  ...(options.username === null ? {} : { username: options.username }),
  ...(options.password === null ? {} : { password: Buffer.from(options.password) }),
  ...(options.will === undefined ? {} : { will: options.will }),
  properties: {
    sessionExpiryInterval: options.sessionExpirySeconds,
    receiveMaximum: options.receiveMaximum,
    maximumPacketSize,
  },
})
