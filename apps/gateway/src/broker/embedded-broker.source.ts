import { timingSafeEqual, createHash } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { bus, busUser } from '@gridkeeper/contracts'
import { isPortTaken, portTaken, type Logger } from '@gridkeeper/service-kit'
import { Aedes, type AuthenticateError, type Client, type PublishPacket, type Subscription } from 'aedes'
import type { FrontDoor } from '../front-door.ts'
import type { IntakeMetrics } from '../intake/intake.metrics.ts'
import type { RawMessage } from '../intake/decode-message.ts'
import { trusted } from '../intake/speaker.ts'
import { PacketSizeGuard } from './packet-size-guard.ts'

export interface EmbeddedBrokerOptions {
  readonly host: string
  readonly port: number
  readonly busSecret: string
  readonly accept: (raw: RawMessage) => Promise<unknown>
  readonly metrics: IntakeMetrics
  readonly logger: Logger
  readonly now?: () => number
}

const badCredentials = 4
const badClientId = 2

/** A payload over 64 KiB becomes a dead letter; a packet over this is not even read, and its connection ends. */
const maxPacketBytes = 1024 * 1024

/**
 * The broker inside the gateway. `authorizePublish` runs before the PUBACK is written, with the packets of all clients in it at the same time: waiting for
 * the commit there is what makes an acknowledgement mean "committed", and fills batches. A client whose messages wait is not read from.
 *
 * Devices may publish and nothing else; the bus belongs to whoever knows its secret. Nothing a device publishes is forwarded to anybody or retained.
 */
export class EmbeddedBroker implements FrontDoor {
  readonly problem = null
  #aedes: Aedes | null = null
  #server: Server | null = null
  readonly #sockets = new Set<Socket>()
  /** Our own processes, by client id. */
  readonly #busClients = new Map<string, Client>()

  constructor(private readonly options: EmbeddedBrokerOptions) {}

  /** The port it listens on. */
  get port(): number {
    const address = this.#server?.address()
    return typeof address === 'object' && address !== null ? address.port : this.options.port
  }

  async start(): Promise<void> {
    const aedes = await Aedes.createBroker({
      connectTimeout: 10_000,
      authenticate: (client, username, password, done) =>
        this.#authenticate(client, username, password, done),
      authorizePublish: (client, packet, done) => this.#authorizePublish(client, packet, done),
      authorizeSubscribe: (client, subscription, done) =>
        this.#authorizeSubscribe(client, subscription, done),
    })
    this.#aedes = aedes
    aedes.on('clientError', (client, error) =>
      this.options.logger.debug({ client: client.id, err: error }, 'client error'),
    )
    aedes.on('clientDisconnect', (client) => {
      if (this.#isOurs(client)) this.#busClients.delete(client.id)
    })
    const server = createServer((socket) => {
      this.#sockets.add(socket)
      this.options.metrics.connections.set(this.#sockets.size)
      socket.once('close', () => {
        this.#sockets.delete(socket)
        this.options.metrics.connections.set(this.#sockets.size)
      })
      this.#limitPackets(socket)
      aedes.handle(socket)
    })
    this.#server = server
    server.listen(this.options.port, this.options.host)
    try {
      await once(server, 'listening')
    } catch (error) {
      await this.#closeBroker()
      throw isPortTaken(error) ? portTaken(this.options.port, 'MQTT_PORT', error) : error
    }
  }

  /** To everybody who reads the bus. At most once: readers find gaps by the sequence. */
  publish(topic: string, payload: Uint8Array | string, retain = false): void {
    this.#aedes?.publish(
      {
        cmd: 'publish',
        topic,
        payload: typeof payload === 'string' ? payload : Buffer.from(payload),
        qos: 0,
        retain,
        dup: false,
      },
      () => undefined,
    )
  }

  /** Called for what our own processes say on the bus. */
  onBus(topic: string, listener: () => void): void {
    void this.#aedes?.subscribe(
      topic,
      (_packet: unknown, done: () => void) => {
        listener()
        done()
      },
      () => undefined,
    )
  }

  /** No new connections and no new messages; what was taken is still acknowledged. */
  stopListening(): void {
    this.#server?.close()
  }

  async stop(): Promise<void> {
    this.#server?.close()
    await this.#closeBroker()
    for (const socket of this.#sockets) socket.destroy()
  }

  async #closeBroker(): Promise<void> {
    const aedes = this.#aedes
    this.#aedes = null
    if (aedes !== null) await new Promise<void>((resolve) => aedes.close(() => resolve()))
  }

  #limitPackets(socket: Socket): void {
    const guard = new PacketSizeGuard(maxPacketBytes)
    const read = socket.read.bind(socket)
    socket.read = (size?: number): unknown => {
      const chunk: Buffer | null = read(size)
      if (chunk === null || guard.allows(chunk)) return chunk
      this.options.metrics.refusals.inc({ what: 'packet' })
      this.options.logger.warn({ maxPacketBytes }, 'a connection with too large a packet was closed')
      socket.destroy()
      return null
    }
  }

  #authenticate(
    client: Client,
    username: string | undefined,
    password: Buffer | undefined,
    done: (error: AuthenticateError | null, success: boolean | null) => void,
  ): void {
    if (username !== busUser) {
      // A second connection under a name ends the first: no device may end one of ours.
      if (!this.#busClients.has(client.id)) return done(null, true)
      this.options.metrics.refusals.inc({ what: 'login' })
      return done(Object.assign(new Error('this client id is taken'), { returnCode: badClientId }), false)
    }
    if (isSame(password ?? Buffer.alloc(0), this.options.busSecret)) {
      this.#busClients.set(client.id, client)
      return done(null, true)
    }
    this.options.metrics.refusals.inc({ what: 'login' })
    this.options.logger.warn({ client: client.id }, 'refused a login to the bus')
    done(Object.assign(new Error('wrong bus secret'), { returnCode: badCredentials }), false)
  }

  #isOurs(client: Client): boolean {
    return this.#busClients.get(client.id) === client
  }

  #authorizePublish(
    client: Client | null,
    packet: PublishPacket,
    done: (error?: Error | null) => void,
  ): void {
    if (client === null) return done(null)
    const isBusTopic = packet.topic.startsWith(bus.prefix)
    if (isBusTopic && this.#isOurs(client)) return done(null)
    if (isBusTopic || packet.topic.startsWith('$')) {
      this.options.metrics.refusals.inc({ what: 'publish' })
      return done(new Error('not a topic of a device'))
    }
    packet.retain = false
    const bytes = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload
    const now = this.options.now ?? Date.now
    this.options
      .accept({
        source: 'mqtt',
        topic: packet.topic,
        bytes,
        receivedAtMs: now(),
        client: client.id,
        speaker: trusted,
      })
      .then(() => done(null), done)
  }

  #authorizeSubscribe(
    client: Client,
    subscription: Subscription,
    done: (error: Error | null, subscription?: Subscription | null) => void,
  ): void {
    if (this.#isOurs(client) && subscription.topic.startsWith(bus.prefix)) return done(null, subscription)
    this.options.metrics.refusals.inc({ what: 'subscribe' })
    done(null, null)
  }
}

const digest = (value: Buffer | string) => createHash('sha256').update(value).digest()
const isSame = (given: Buffer, expected: string) => timingSafeEqual(digest(given), digest(expected))
