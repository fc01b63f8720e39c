import { connect, type Socket } from 'node:net'
import mqtt from 'mqtt-packet'
import type { Message } from './message.ts'

export interface ConcentratorOptions {
  readonly port: number
  readonly clientId: string
  readonly username: string
  readonly password: string
  /** Messages on the way at a time. */
  readonly window: number
  readonly onAcknowledged: (message: Message, latencyMs: number) => void
  /** So many acknowledged messages are sent again, too, when it comes back: a device that lost its memory of what was heard. Default 0. */
  readonly repeats?: number
}

interface OnTheWay {
  readonly message: Message
  readonly sentAtMs: number
}

const keepAliveSeconds = 60
const firstBackoffMs = 50
const maxBackoffMs = 1_000
/** Beyond this our own socket is not written to: whoever is not read from must not fill our memory. */
const writableLimitBytes = 1024 * 1024

/**
 * One MQTT connection that speaks for any number of devices, on a bare socket, so that thousands of it fit into one process. QoS 1, persistent session: what
 * was not acknowledged is sent again after each reconnection, in its order, before anything new.
 */
export class Concentrator {
  /** CONNACKs that let it in. */
  connections = 0
  /** Connections that were refused by the broker or the machine, or broke before a CONNACK. */
  refusals = 0
  /** Messages sent again after a reconnection. */
  resent = 0
  readonly #queue: Message[] = []
  #queueStart = 0
  readonly #onTheWay = new Map<number, OnTheWay>()
  readonly #heard: Message[] = []
  #lastId = 0
  #socket: Socket | null = null
  #isUp = false
  #isClosed = false
  #backoffMs = firstBackoffMs
  #redial: NodeJS.Timeout | null = null
  #ping: NodeJS.Timeout | null = null

  private readonly options: ConcentratorOptions

  constructor(options: ConcentratorOptions) {
    this.options = options
    this.#dial()
  }

  get isUp(): boolean {
    return this.#isUp
  }

  get onTheWay(): number {
    return this.#onTheWay.size
  }

  /** Everything that was not acknowledged yet. */
  get backlog(): number {
    return this.#onTheWay.size + this.#queue.length - this.#queueStart
  }

  send(message: Message): void {
    this.#queue.push(message)
    this.#pump()
  }

  /** The connection ends without a word and comes back. */
  reconnect(): void {
    this.#backoffMs = firstBackoffMs
    this.#socket?.destroy()
  }

  /** At once, if it waits for its next attempt. */
  dialNow(): void {
    if (this.#redial === null) return
    clearTimeout(this.#redial)
    this.#redial = null
    this.#backoffMs = firstBackoffMs
    this.#dial()
  }

  close(): void {
    this.#isClosed = true
    if (this.#redial !== null) clearTimeout(this.#redial)
    this.#socket?.destroy()
  }

  #dial(): void {
    const socket = connect(this.options.port, '127.0.0.1')
    this.#socket = socket
    socket.setNoDelay(true)
    const parser = mqtt.parser()
    parser.on('packet', (packet) => {
      if (packet.cmd === 'connack') this.#onConnack(socket, packet.returnCode ?? packet.reasonCode ?? 0)
      else if (packet.cmd === 'puback' && packet.messageId !== undefined) this.#onPuback(packet.messageId)
    })
    parser.on('error', () => socket.destroy())
    socket.on('data', (bytes) => void parser.parse(bytes))
    socket.on('drain', () => this.#pump())
    socket.on('error', () => undefined)
    socket.once('close', () => this.#onClose())
    const { clientId, username, password } = this.options
    socket.write(
      mqtt.generate({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: false,
        clientId,
        keepalive: keepAliveSeconds,
        username,
        password: Buffer.from(password),
      }),
    )
  }

  #onConnack(socket: Socket, code: number): void {
    if (code !== 0) return void socket.destroy()
    this.connections++
    this.#isUp = true
    this.#backoffMs = firstBackoffMs
    this.#ping = setInterval(
      () => socket.write(mqtt.generate({ cmd: 'pingreq' })),
      (keepAliveSeconds * 1000) / 2,
    )
    socket.cork()
    for (const [id, { message }] of this.#onTheWay) {
      this.resent++
      this.#writePacket(id, message, true)
    }
    for (const message of this.#heard.splice(0)) this.#write(message, true)
    socket.uncork()
    this.#pump()
  }

  #onPuback(id: number): void {
    const found = this.#onTheWay.get(id)
    if (found === undefined) return
    this.#onTheWay.delete(id)
    const { repeats = 0 } = this.options
    if (repeats > 0) {
      this.#heard.push(found.message)
      if (this.#heard.length > repeats) this.#heard.shift()
    }
    this.options.onAcknowledged(found.message, Date.now() - found.sentAtMs)
    this.#pump()
  }

  #onClose(): void {
    if (!this.#isUp) this.refusals++
    this.#isUp = false
    if (this.#ping !== null) clearInterval(this.#ping)
    if (this.#isClosed) return
    // Not all at the same instant, as devices with a grain of sense do.
    this.#redial = setTimeout(
      () => {
        this.#redial = null
        this.#dial()
      },
      this.#backoffMs * (0.5 + Math.random()),
    )
    this.#backoffMs = Math.min(this.#backoffMs * 2, maxBackoffMs)
  }

  #pump(): void {
    const socket = this.#socket
    if (!this.#isUp || socket === null) return
    socket.cork()
    while (this.#queueStart < this.#queue.length && this.#onTheWay.size < this.options.window) {
      if (socket.writableLength > writableLimitBytes) break
      const message = this.#queue[this.#queueStart++]
      if (message !== undefined) this.#write(message, false)
    }
    socket.uncork()
    if (this.#queueStart < 1_000 || this.#queueStart * 2 < this.#queue.length) return
    this.#queue.splice(0, this.#queueStart)
    this.#queueStart = 0
  }

  #write(message: Message, isAgain: boolean): void {
    do this.#lastId = (this.#lastId % 65_535) + 1
    while (this.#onTheWay.has(this.#lastId))
    this.#onTheWay.set(this.#lastId, { message, sentAtMs: Date.now() })
    if (isAgain) this.resent++
    this.#writePacket(this.#lastId, message, isAgain)
  }

  #writePacket(messageId: number, { topic, payload }: Message, dup: boolean): void {
    this.#socket?.write(
      mqtt.generate({ cmd: 'publish', topic, payload, qos: 1, messageId, dup, retain: false }),
    )
  }
}
