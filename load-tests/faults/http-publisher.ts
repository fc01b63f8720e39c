import { setTimeout as sleep } from 'node:timers/promises'
import type { Message } from './message.ts'

export interface HttpPublisherOptions {
  readonly port: number
  readonly username: string
  readonly password: string
  /** Posts on the way at a time. */
  readonly window: number
  readonly onAcknowledged: (message: Message, latencyMs: number) => void
}

const backoffMs = 200
const topicPrefix = 'gk/v1/'

/** A sender without MQTT: it posts each message until it hears 200, which is its PUBACK. */
export class HttpPublisher {
  /** Posts that had no 200 and were made again. */
  resent = 0
  readonly #options: HttpPublisherOptions
  readonly #stopping = new AbortController()
  readonly #queue: Message[] = []
  #onTheWay = 0

  constructor(options: HttpPublisherOptions) {
    this.#options = options
  }

  /** Everything that was not acknowledged yet. */
  get backlog(): number {
    return this.#onTheWay + this.#queue.length
  }

  send(message: Message): void {
    this.#queue.push(message)
    void this.#pump()
  }

  close(): void {
    this.#stopping.abort()
  }

  async #pump(): Promise<void> {
    if (this.#onTheWay >= this.#options.window) return
    const message = this.#queue.shift()
    if (message === undefined) return
    this.#onTheWay++
    const sentAtMs = Date.now()
    while (!this.#stopping.signal.aborted && !(await this.#post(message))) {
      this.resent++
      await sleep(backoffMs * (0.5 + Math.random()))
    }
    this.#onTheWay--
    if (this.#stopping.signal.aborted) return
    this.#options.onAcknowledged(message, Date.now() - sentAtMs)
    void this.#pump()
  }

  async #post({ topic, payload }: Message): Promise<boolean> {
    const { port, username, password } = this.#options
    try {
      const response = await fetch(`http://127.0.0.1:${port}/ingest/v1/${topic.slice(topicPrefix.length)}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
        },
        body: payload,
        signal: this.#stopping.signal,
      })
      await response.arrayBuffer()
      return response.status === 200
    } catch {
      return false
    }
  }
}
