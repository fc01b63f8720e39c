import { alarmMessageSchema, bus, busUser, decodeFrame, gatewayStatusSchema } from '@gridkeeper/contracts'
import type { AlarmMessage, Frame, GatewayStatus } from '@gridkeeper/contracts'
import type { Logger } from '@gridkeeper/service-kit'
import mqtt, { type MqttClient } from 'mqtt'

/** What the bus tells. Each call is made in the order of arrival. */
export interface BusListener {
  frameArrived(gatewayId: string, frame: Frame): void
  alarmsArrived(gatewayId: string, message: AlarmMessage): void
  statusArrived(status: GatewayStatus): void
  /** The version that the catalogue has now; null: not said. */
  registryChanged(version: number | null): void
  /** Subscribed, for the first time or again: what was published before is missed. */
  connected(): void
  lost(): void
}

export interface BusOptions {
  readonly url: string
  readonly secret: string
  readonly logger: Logger
  readonly onBadMessage: () => void
}

const topics = [bus.allFrames, bus.allAlarms, bus.allStatus, bus.registry]
const reconnectMs = 1_000

/** The internal bus: an MQTT connection that is kept up, with typed messages. */
export class BusClient {
  readonly #options: BusOptions
  #client: MqttClient | undefined
  #isUp = false

  constructor(options: BusOptions) {
    this.#options = options
  }

  get isUp(): boolean {
    return this.#isUp
  }

  /** Returns at once; a broker that is away is tried again each second. */
  open(listener: BusListener): void {
    const { url, secret, logger } = this.#options
    const client = mqtt.connect(url, {
      username: busUser,
      password: secret,
      clean: true,
      resubscribe: false,
      reconnectPeriod: reconnectMs,
      connectTimeout: 5_000,
      keepalive: 10,
    })
    this.#client = client
    client.on('connect', () => {
      client.subscribe(topics, { qos: 1 }, (error) => {
        if (error) {
          logger.warn({ err: error }, 'the bus refused our subscription')
          client.reconnect()
          return
        }
        this.#isUp = true
        listener.connected()
      })
    })
    client.on('close', () => {
      if (!this.#isUp) return
      this.#isUp = false
      logger.warn({}, 'the bus is away')
      listener.lost()
    })
    client.on('error', (error) => logger.debug({ err: error }, 'the bus cannot be reached'))
    client.on('message', (topic, payload) => this.#take(topic, payload, listener))
  }

  publishRegistry(version: number): void {
    if (this.#isUp) this.#client?.publish(bus.registry, JSON.stringify({ version }), { qos: 1 })
  }

  async close(): Promise<void> {
    this.#isUp = false
    await this.#client?.endAsync(true)
  }

  #take(topic: string, payload: Buffer, listener: BusListener): void {
    const sender = topic.slice(topic.lastIndexOf('/') + 1)
    try {
      if (topic === bus.registry) listener.registryChanged(versionIn(payload))
      else if (topic === bus.frames(sender)) listener.frameArrived(sender, decodeFrame(payload))
      else if (topic === bus.alarms(sender))
        listener.alarmsArrived(sender, alarmMessageSchema.parse(parseJson(payload)))
      // An empty retained payload is how a broker is told to forget.
      else if (payload.length > 0) listener.statusArrived(gatewayStatusSchema.parse(parseJson(payload)))
    } catch (error) {
      this.#options.onBadMessage()
      this.#options.logger.debug({ err: error, topic }, 'a message on the bus was not understood')
    }
  }
}

const parseJson = (payload: Buffer): unknown => JSON.parse(payload.toString('utf8'))

/** The topic alone says that something changed; a version spares us a look when we know it already. */
function versionIn(payload: Buffer): number | null {
  try {
    const { version } = parseJson(payload) as { version?: unknown }
    return typeof version === 'number' ? version : null
  } catch {
    return null
  }
}
