import { bus, busUser, type GatewayStatus } from '@gridkeeper/contracts'
import { StartError, type Logger } from '@gridkeeper/service-kit'
import type { FrontDoor } from '../front-door.ts'
import type { RawMessage } from '../intake/decode-message.ts'
import { trusted } from '../intake/speaker.ts'
import { BrokerLink } from './broker-link.ts'
import { addressOf, makeTarget, type BrokerTarget } from './broker-target.ts'
import { describeBroker } from './describe-broker.ts'
import type { ExternalConfig } from './external-config.ts'
import type { ExternalMetrics } from './external.metrics.ts'
import { expandTopics, laneOf, lanes, toFilter, type Lane } from './lanes.ts'
import type { MqttConnection } from './mqtt-connection.ts'
import {
  isSessionTopic,
  readSessionWord,
  sessionTopic,
  sessionTopics,
  sessionWord,
  takeOver,
} from './take-over.ts'

export interface ExternalBrokerOptions {
  readonly config: ExternalConfig
  readonly busSecret: string
  readonly gatewayId: string
  readonly accept: (raw: RawMessage) => Promise<unknown>
  readonly metrics: ExternalMetrics
  readonly logger: Logger
  readonly now?: () => number
}

/** A start waits so long for the broker's first answer; after that it goes on, and `readyz` says what is missing. */
const firstAnswerMs = 5_000
/** A broker that tells its name does so at once or (EMQX) within a minute. */
const versionMs = 3_000
const versionTopics = ['$SYS/broker/version', '$SYS/brokers/+/version']
/** Retained words of gateways that never come back are forgotten. */
const statusExpirySeconds = 86_400
/** Heirs do not all knock in the same moment. */
const knockMs = () => 500 + Math.random() * 2_000

/**
 * Somebody else's broker in front of the gateway. One connection a lane, each with its own session and window, and one for the bus. Messages are acknowledged
 * after their commit, so that the broker keeps what is not committed: kill this process, and the broker sends it again, here or to another of the group.
 */
export class ExternalBroker implements FrontDoor {
  readonly port = null
  readonly #target: BrokerTarget
  readonly #links: ReadonlyMap<Lane, BrokerLink>
  readonly #bus: BrokerLink
  readonly #listeners = new Map<string, (() => void)[]>()
  /** The last retained words: said again on each new connection. */
  readonly #retained = new Map<string, string | Buffer>()
  readonly #stopping = new AbortController()
  readonly #heirs = new Map<string, NodeJS.Timeout | 'at-work'>()
  #version: string | null = null
  #found: MqttConnection | null = null
  /** The version that was told last; undefined: nothing was told yet. */
  #toldVersion: string | null | undefined

  constructor(private readonly options: ExternalBrokerOptions) {
    const { config } = options
    this.#target = makeTarget(config.url, config)
    const topics = expandTopics(config.topics)
    this.#links = new Map(
      lanes.flatMap((lane) => {
        const own = topics.filter((topic) => laneOf(topic) === lane)
        // Words of sessions come over the lane that never waits.
        return own.length > 0 || lane === 'events' ? [[lane, this.#makeLink(lane, own)] as const] : []
      }),
    )
    this.#bus = this.#makeBus()
    options.metrics.window.set(config.receiveMaximum)
  }

  get problem(): string | null {
    for (const link of [...this.#links.values(), this.#bus])
      if (link.problem !== null) return `broker ${addressOf(this.#target)} (${link.name}): ${link.problem}`
    return null
  }

  /** Throws if the broker answers and can never be used. One that is away is waited for. */
  async start(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const timeout = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), firstAnswerMs)))
    const answers = [...this.#links.values(), this.#bus].map((link) => link.start())
    const refusals = await Promise.race([Promise.all(answers), timeout])
    clearTimeout(timer)
    const final = refusals?.find((refusal) => refusal?.isForGood === true)
    if (final !== undefined && final !== null) {
      await this.stop()
      throw new StartError('broker-unusable', `MQTT_URL ${addressOf(this.#target)}: ${final.message}`, {
        cause: final,
      })
    }
  }

  publish(topic: string, payload: Uint8Array | string, retain = false): void {
    const bytes =
      typeof payload === 'string'
        ? payload
        : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
    if (retain) this.#retained.set(topic, bytes)
    const isOfBus = topic.startsWith(bus.prefix)
    const connection = isOfBus ? this.#bus.connection : (this.#links.get('readings')?.connection ?? null)
    // Frames are many, and a reader finds a missing one by the sequence; the rest is rare and must arrive.
    const qos = isOfBus && !topic.startsWith(bus.frames('')) ? 1 : 0
    const isSent = connection?.publish(topic, bytes, {
      qos,
      retain,
      ...(retain ? { expirySeconds: statusExpirySeconds } : {}),
    })
    if (isSent !== true) this.options.metrics.busDropped.inc()
  }

  sendCommand(topic: string, payload: Uint8Array): void {
    this.publish(topic, payload)
  }

  onBus(topic: string, listener: () => void): void {
    this.#listeners.set(topic, [...(this.#listeners.get(topic) ?? []), listener])
    void this.#bus.connection?.subscribe([{ topic, qos: 1 }]).catch(() => undefined)
  }

  stopListening(): void {
    this.#stopping.abort()
    for (const timer of this.#heirs.values()) if (timer !== 'at-work') clearTimeout(timer)
    for (const link of this.#links.values()) link.stopReading()
  }

  async stop(): Promise<void> {
    this.stopListening()
    // With the will: if nobody comes back under this name, another empties the sessions.
    await Promise.all([...this.#links.values()].map((link) => link.stop(true)))
    await this.#bus.stop(false)
  }

  #connectionOptions(clientId: string, filters: readonly string[]) {
    const { config } = this.options
    const { url } = this.#target
    return {
      target: this.#target,
      clientId,
      username: config.username ?? (url.username === '' ? busUser : decodeURIComponent(url.username)),
      password:
        config.password ??
        (url.password === ''
          ? config.username === null && url.username === ''
            ? this.options.busSecret
            : null
          : decodeURIComponent(url.password)),
      clean: false,
      sessionExpirySeconds: config.sessionExpirySeconds,
      receiveMaximum: config.receiveMaximum,
      will: {
        topic: sessionTopic(config.group, clientId),
        payload: sessionWord({ state: 'away', filters: [...filters] }),
        qos: 1 as const,
        retain: true,
        properties: {
          willDelayInterval: config.takeOverAfterSeconds,
          messageExpiryInterval: config.sessionExpirySeconds,
        },
      },
    }
  }

  #makeLink(lane: Lane, topics: readonly string[]): BrokerLink {
    const { config, metrics, logger } = this.options
    const filters = topics.map((topic) => toFilter(config.isShared ? config.group : null, topic))
    const clientId = `${config.clientId}-${lane}`
    return new BrokerLink({
      ...this.#connectionOptions(clientId, filters),
      name: lane,
      // What was said before we came is not news (rh 2); but the words of sessions are (rh 0).
      subscriptions: [
        ...filters.map((topic) => ({
          topic,
          qos: 1 as const,
          ...(topic.startsWith('$share/') ? {} : { rh: 2 }),
        })),
        ...(lane === 'events' ? [{ topic: sessionTopics(config.group), qos: 1 as const }] : []),
      ],
      take: (topic, bytes) => this.#take(topic, bytes),
      onUp: (connection, refused) => {
        metrics.up.set({ lane }, 1)
        if (refused.length > 0)
          logger.error({ lane, refused }, 'the broker refused subscriptions: see its access list')
        connection.publish(sessionTopic(config.group, clientId), sessionWord({ state: 'here', filters }), {
          qos: 1,
          retain: true,
          expirySeconds: config.sessionExpirySeconds,
        })
        this.#found ??= connection
      },
      onDown: () => metrics.up.set({ lane }, 0),
      onInFlight: (count) => metrics.inFlight.set({ lane }, count),
      logger,
    })
  }

  #makeBus(): BrokerLink {
    const { gatewayId, busSecret, metrics, logger } = this.options
    const gone: GatewayStatus = {
      gatewayId,
      online: false,
      taking: false,
      shedding: 'nothing',
      atMs: Date.now(),
    }
    return new BrokerLink({
      target: this.#target,
      name: 'bus',
      clientId: `gk-gateway-${gatewayId}`,
      username: busUser,
      password: busSecret,
      clean: true,
      sessionExpirySeconds: 0,
      receiveMaximum: 100,
      will: {
        topic: bus.status(gatewayId),
        payload: JSON.stringify(gone),
        qos: 1,
        retain: true,
        properties: { messageExpiryInterval: statusExpirySeconds },
      },
      subscriptions: versionTopics.map((topic) => ({ topic, qos: 0 })),
      mayBeRefused: true,
      take: (topic, bytes) => this.#hearBus(topic, bytes),
      onUp: (connection) => {
        metrics.up.set({ lane: 'bus' }, 1)
        for (const [topic, payload] of this.#retained)
          connection.publish(topic, payload, { qos: 1, retain: true, expirySeconds: statusExpirySeconds })
        const topics = [...this.#listeners.keys()]
        if (topics.length > 0)
          connection.subscribe(topics.map((topic) => ({ topic, qos: 1 }))).then(
            // What was said while we were away is missed.
            () => this.#tellListeners(topics),
            () => undefined,
          )
        setTimeout(() => this.#tellFound(), versionMs).unref()
      },
      onDown: () => metrics.up.set({ lane: 'bus' }, 0),
      onInFlight: () => undefined,
      logger,
    })
  }

  async #take(topic: string, bytes: Buffer): Promise<void> {
    if (isSessionTopic(topic)) return this.#hearSession(topic, bytes)
    const now = this.options.now ?? Date.now
    await this.options.accept({
      source: 'mqtt',
      topic,
      bytes,
      receivedAtMs: now(),
      client: null,
      speaker: trusted,
    })
  }

  #hearBus(topic: string, bytes: Buffer): Promise<void> {
    if (topic.startsWith('$SYS/')) {
      this.#version = bytes.toString()
      this.#tellFound()
    } else this.#tellListeners([topic])
    return Promise.resolve()
  }

  #tellListeners(topics: readonly string[]): void {
    for (const topic of topics) for (const listener of this.#listeners.get(topic) ?? []) listener()
  }

  /** Once, and once more if the broker tells its name later. */
  #tellFound(): void {
    if (this.#found === null || this.#toldVersion === this.#version) return
    const { config, logger } = this.options
    const { properties = {}, sessionPresent } = this.#found.connack
    this.#toldVersion = this.#version
    const found = {
      address: addressOf(this.#target),
      version: this.#version,
      receiveMaximum: properties.receiveMaximum,
      maximumQoS: properties.maximumQoS,
      sessionPresent,
      askedExpirySeconds: config.sessionExpirySeconds,
      sessionExpirySeconds: properties.sessionExpiryInterval,
      hasSharedSubscriptions: properties.sharedSubscriptionAvailable ?? true,
      hasRetain: properties.retainAvailable ?? true,
      window: config.receiveMaximum,
      isShared: config.isShared,
    }
    const { facts, warnings } = describeBroker(found)
    logger.info(found, facts.join('; '))
    for (const warning of warnings) logger.warn({ broker: found.address }, warning)
  }

  #hearSession(topic: string, bytes: Buffer): void {
    const { config } = this.options
    const word = readSessionWord(topic, bytes)
    const clientId = topic.slice(topic.lastIndexOf('/') + 1)
    const isOurs = lanes.some((lane) => clientId === `${config.clientId}-${lane}`)
    const known = this.#heirs.get(clientId)
    if (known === 'at-work' || isOurs) return
    clearTimeout(known)
    this.#heirs.delete(clientId)
    if (word?.state !== 'away' || this.#stopping.signal.aborted) return
    this.#heirs.set(
      clientId,
      setTimeout(() => void this.#inherit(clientId, word.filters), knockMs()),
    )
  }

  async #inherit(clientId: string, filters: readonly string[]): Promise<void> {
    const { config, metrics, logger } = this.options
    this.#heirs.set(clientId, 'at-work')
    try {
      const { outcome, messages } = await takeOver({
        connection: this.#connectionOptions(clientId, filters),
        group: config.group,
        filters,
        take: (topic, bytes) => this.#take(topic, bytes),
        stopping: this.#stopping.signal,
      })
      if (outcome === 'empty') metrics.takeovers.inc()
      logger.info({ clientId, outcome, messages }, 'the session of a gateway that stayed away was taken over')
    } catch (error) {
      logger.warn(
        { err: error, clientId },
        'the session of a gateway that stayed away could not be taken over',
      )
    } finally {
      this.#heirs.delete(clientId)
    }
  }
}
