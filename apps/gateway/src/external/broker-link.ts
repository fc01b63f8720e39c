import type { ISubscription } from 'mqtt-packet'
import type { Logger } from '@gridkeeper/service-kit'
import { MessageTaker, type TakeMessage } from './message-taker.ts'
import { BrokerRefused, MqttConnection, takenOver, type ConnectionOptions } from './mqtt-connection.ts'

export interface LinkOptions extends Omit<ConnectionOptions, 'onPublish' | 'onEnd'> {
  readonly name: string
  readonly subscriptions: readonly ISubscription[]
  readonly take: TakeMessage
  /** Each time it is connected and subscribed; `refused` are filters that the broker did not grant. */
  readonly onUp: (connection: MqttConnection, refused: readonly string[]) => void
  readonly onDown: () => void
  /** A refused subscription is no problem. */
  readonly mayBeRefused?: boolean
  readonly onInFlight: (count: number) => void
  readonly logger: Logger
}

const firstRetryMs = 250
/** A broker that restarts may drop what comes before we are back. */
const maxRetryMs = 1_000
/** For what only a person can mend. */
const longRetryMs = 15_000
/** A connection that lasted so long was a good one: the next attempt comes soon. */
const goodAfterMs = 30_000

/**
 * Keeps one connection to the broker up. Modes: trying (an attempt runs) → up → waiting (after an end or a refusal, twice as long each time) → trying; stopped.
 *
 * What an ended connection left unfinished is sent again on the next one, under packet ids of that one, and is stored once (DESIGN: once). As long as more than a
 * window of it is unfinished no new connection is made: a link that flaps while the database is away would gather one window each time.
 */
export class BrokerLink {
  #connection: MqttConnection | null = null
  #taker: MessageTaker | null = null
  #problem: string | null = 'not connected yet'
  #inFlight = 0
  #waitMs = firstRetryMs
  #retry: NodeJS.Timeout | undefined
  #isStopping = false
  #onFirstAnswer: (error: BrokerRefused | null) => void = () => undefined

  constructor(private readonly options: LinkOptions) {}

  get name(): string {
    return this.options.name
  }

  /** Null while it is up. */
  get problem(): string | null {
    return this.#problem
  }

  get inFlight(): number {
    return this.#inFlight
  }

  get connection(): MqttConnection | null {
    return this.#connection
  }

  /** Resolves with the broker's first answer, whatever it is; null: it was taken. */
  start(): Promise<BrokerRefused | null> {
    return new Promise((resolve) => {
      this.#onFirstAnswer = resolve
      void this.#try()
    })
  }

  /** Reads no more; what was taken is still acknowledged. */
  stopReading(): void {
    this.#isStopping = true
    clearTimeout(this.#retry)
    this.#connection?.pause()
  }

  async stop(withWill: boolean): Promise<void> {
    this.stopReading()
    this.#taker?.acknowledgeNow()
    await this.#connection?.close({ withWill })
  }

  async #try(): Promise<void> {
    const { options } = this
    let taker: MessageTaker | null = null
    const openedAtMs = Date.now()
    try {
      const connection: MqttConnection = await MqttConnection.open({
        ...options,
        onPublish: (packet, from) => {
          taker ??= this.#makeTaker(from)
          taker.hear(packet)
        },
        onEnd: (error) => {
          taker?.close()
          this.#ended(error, Date.now() - openedAtMs)
        },
      })
      if (this.#isStopping) return void connection.close()
      this.#connection = connection
      taker ??= this.#makeTaker(connection)
      this.#taker = taker
      const codes =
        options.subscriptions.length === 0 ? [] : await connection.subscribe(options.subscriptions)
      const refused = options.subscriptions.filter((_, index) => (codes[index] ?? 0x80) >= 0x80)
      this.#problem =
        refused.length === 0 || options.mayBeRefused === true
          ? null
          : `the broker refused ${refused.map(({ topic }) => topic).join(', ')}`
      this.#onFirstAnswer(null)
      options.onUp(
        connection,
        refused.map(({ topic }) => topic),
      )
    } catch (error) {
      // The end of an open connection is told by `onEnd`.
      if (this.#connection === null) this.#ended(error instanceof Error ? error : new Error(String(error)), 0)
    }
  }

  #makeTaker(connection: MqttConnection): MessageTaker {
    return new MessageTaker(
      connection,
      this.options.take,
      this.options.receiveMaximum,
      () => this.#isStopping,
      (change) => this.options.onInFlight((this.#inFlight += change)),
    )
  }

  #ended(error: Error, lastedMs: number): void {
    if (this.#connection !== null) this.options.onDown()
    this.#connection = null
    this.#taker = null
    this.#problem = error.message === '' ? 'the broker cannot be reached' : error.message
    if (error instanceof BrokerRefused) this.#onFirstAnswer(error)
    if (this.#isStopping) return
    if (lastedMs > goodAfterMs) this.#waitMs = firstRetryMs
    // Two with one name would throw each other out for ever.
    const isTakenOver = error instanceof BrokerRefused && error.reasonCode === takenOver
    if (error instanceof BrokerRefused) this.#waitMs = longRetryMs
    const { name, clientId, logger } = this.options
    logger.warn(
      { link: name, clientId, problem: this.#problem, waitMs: this.#waitMs },
      isTakenOver
        ? 'another client has our client id: MQTT_CLIENT_ID must differ between gateways'
        : 'no connection to the broker; it will be tried again',
    )
    this.#tryLater()
  }

  #tryLater(): void {
    const waitMs = this.#waitMs * (0.5 + Math.random() / 2)
    this.#waitMs = Math.min(this.#waitMs * 2, maxRetryMs)
    this.#retry = setTimeout(() => {
      if (this.#isStopping) return
      if (this.#inFlight <= this.options.receiveMaximum) return void this.#try()
      this.#problem = 'the database has not taken what came before the connection ended'
      this.#tryLater()
    }, waitMs)
  }
}
