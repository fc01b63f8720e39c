import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { generate, parser as makeParser } from 'mqtt-packet'
import { writePacket, type PacketTemplate } from './packet-template.ts'

const maxPacketId = 60_000
const pubackLength = 4
const puback = 0x40

export interface ConnectionOptions {
  readonly port: number
  readonly clientId: string
  readonly login: { readonly name: string; readonly secret: string } | null
  readonly templates: readonly PacketTemplate[]
  readonly window: number
  /** The next message's number in the district; null: it may not send now. */
  readonly nextTurn: () => number | null
}

/** A raw socket with a window of unacknowledged QoS 1 messages. Each PUBACK makes room for the next; a burst of them is answered by one write. */
export class PublishingConnection {
  sent = 0
  acknowledged = 0
  isStopped = false
  readonly #socket: Socket
  readonly #options: ConnectionOptions
  readonly #buffer: Buffer
  #next = 0
  #packetId = 0
  #rest = Buffer.alloc(0)

  private constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket
    this.#options = options
    const longest = Math.max(...options.templates.map(({ bytes }) => bytes.length))
    this.#buffer = Buffer.alloc(longest * options.window)
  }

  static async open(
    options: ConnectionOptions,
    onBroken: (error: Error) => void,
  ): Promise<PublishingConnection> {
    const socket = connect(options.port, '127.0.0.1')
    socket.setNoDelay(true)
    await once(socket, 'connect')
    socket.write(
      generate({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clientId: options.clientId,
        clean: true,
        keepalive: 0,
        ...(options.login === null
          ? {}
          : { username: options.login.name, password: Buffer.from(options.login.secret) }),
      }),
    )
    await readConnack(socket)
    const connection = new PublishingConnection(socket, options)
    socket.on('data', (bytes) => connection.#read(bytes))
    socket.on('error', onBroken)
    socket.on('close', () => {
      if (!connection.isStopped || connection.onTheWay > 0) onBroken(new Error('a connection was closed'))
    })
    return connection
  }

  get onTheWay(): number {
    return this.sent - this.acknowledged
  }

  /** Fills the window. */
  send(): void {
    if (this.isStopped) return
    const { templates, window, nextTurn } = this.#options
    const nowMs = Date.now()
    let length = 0
    while (this.onTheWay < window) {
      const turn = nextTurn()
      const template = templates[this.#next % templates.length]
      if (turn === null || template === undefined) break
      this.#next++
      this.#packetId = (this.#packetId % maxPacketId) + 1
      length = writePacket(this.#buffer, length, template, this.#packetId, nowMs, turn)
      this.sent++
    }
    // The socket may keep what it is given until the kernel has room: it gets bytes of its own.
    if (length > 0) this.#socket.write(Buffer.from(this.#buffer.subarray(0, length)))
  }

  close(): void {
    this.#socket.end(generate({ cmd: 'disconnect' }))
  }

  /** From a broker that answers nothing but PUBACKs, all of four bytes. */
  #read(bytes: Buffer): void {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    const whole = Math.floor(all.length / pubackLength)
    for (let at = 0; at < whole; at++)
      if (all[at * pubackLength] !== puback) throw new Error(`expected a PUBACK, got ${all.toString('hex')}`)
    this.acknowledged += whole
    this.#rest = Buffer.from(all.subarray(whole * pubackLength))
    this.send()
  }
}

function readConnack(socket: Socket): Promise<void> {
  const parser = makeParser()
  return new Promise((resolve, reject) => {
    const read = (bytes: Buffer) => void parser.parse(bytes)
    const fail = (error?: Error) => reject(error ?? new Error('closed before the login'))
    socket.on('data', read)
    socket.once('error', fail)
    socket.once('close', fail)
    parser.once('packet', (packet) => {
      socket.off('data', read)
      socket.off('error', fail)
      socket.off('close', fail)
      if (packet.cmd === 'connack' && packet.returnCode === 0) resolve()
      else reject(new Error(`the login was refused: ${JSON.stringify(packet)}`))
    })
  })
}
