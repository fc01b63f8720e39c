import type { IPublishPacket } from 'mqtt-packet'
import { setTimeout as sleep } from 'node:timers/promises'
import { AckWindow } from './ack-window.ts'
import type { MqttConnection } from './mqtt-connection.ts'

/** Resolves after the commit. Rejects when the gateway stops, or when the message could not be looked at for now. */
export type TakeMessage = (topic: string, bytes: Buffer) => Promise<unknown>

const retryMs = 500

/**
 * Takes the messages of one connection and acknowledges each after its commit, those of a batch together. QoS 0 messages wait for nobody's PUBACK; while as many
 * of them as the window has places are under way, the socket is not read.
 */
export class MessageTaker {
  readonly #window = new AckWindow()
  #withoutAck = 0
  #isAckDue = false
  #isClosed = false

  constructor(
    private readonly connection: MqttConnection,
    private readonly take: TakeMessage,
    private readonly windowSize: number,
    private readonly isStopping: () => boolean,
    private readonly onChange: (inFlight: number) => void,
  ) {}

  /** Taken and not yet finished, QoS 0 too. */
  get inFlight(): number {
    return this.#window.size + this.#withoutAck
  }

  /** The connection has ended: nothing is acknowledged any more. */
  close(): void {
    this.#isClosed = true
  }

  hear(packet: IPublishPacket): void {
    if (packet.qos === 0 || packet.messageId === undefined) this.#hearUnacknowledged(packet)
    else {
      const finish = this.#window.enter(packet.messageId)
      void this.#settle(packet).then((isTaken) => {
        if (isTaken) finish()
        this.#acknowledgeSoon()
      })
    }
    this.onChange(1)
  }

  #hearUnacknowledged(packet: IPublishPacket): void {
    if (++this.#withoutAck >= this.windowSize) this.connection.pause()
    void this.#settle(packet).then(() => {
      if (--this.#withoutAck < this.windowSize / 2 && !this.isStopping()) this.connection.resume()
    })
  }

  /** False: the gateway stops, and the broker will send it again. */
  async #settle({ topic, payload }: IPublishPacket): Promise<boolean> {
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload
    try {
      for (;;) {
        try {
          await this.take(topic, bytes)
          return true
        } catch {
          // The broker would not send it again on this connection.
          if (this.isStopping() || this.#isClosed) return false
          await sleep(retryMs)
        }
      }
    } finally {
      this.onChange(-1)
    }
  }

  /** Once a turn: the promises of a batch settle in the same one. */
  #acknowledgeSoon(): void {
    if (this.#isAckDue) return
    this.#isAckDue = true
    setImmediate(() => this.acknowledgeNow())
  }

  acknowledgeNow(): void {
    this.#isAckDue = false
    if (!this.#isClosed) this.connection.acknowledge(this.#window.takeFinished())
  }
}
