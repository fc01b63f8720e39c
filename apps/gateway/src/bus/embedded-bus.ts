import type { Socket } from 'node:net'
import { bus } from '@gridkeeper/contracts'
import type { Logger } from '@gridkeeper/service-kit'
import { Aedes } from 'aedes'
import type { BusWriter } from './frame-publisher.ts'

/**
 * The broker of our own processes: topics, retained states, last wills. Who comes here has shown the secret of the bus at the front door, on the same port
 * as the devices; no device ever does. Nothing but the bus is published or read here.
 */
export class EmbeddedBus implements BusWriter {
  #aedes: Aedes | null = null

  constructor(private readonly logger: Logger) {}

  async start(): Promise<void> {
    const aedes = await Aedes.createBroker({
      authorizePublish: (_client, { topic }, done) =>
        done(topic.startsWith(bus.prefix) ? null : new Error('not a topic of the bus')),
      authorizeSubscribe: (_client, subscription, done) =>
        done(null, subscription.topic.startsWith(bus.prefix) ? subscription : null),
    })
    aedes.on('clientError', (client, error) =>
      this.logger.debug({ client: client.id, err: error }, 'a client of the bus failed'),
    )
    this.#aedes = aedes
  }

  /** A connection that has shown the secret; its CONNECT is to be read again. */
  adopt(socket: Socket): void {
    this.#aedes?.handle(socket)
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

  async stop(): Promise<void> {
    const aedes = this.#aedes
    this.#aedes = null
    if (aedes !== null) await new Promise<void>((resolve) => aedes.close(() => resolve()))
  }
}
