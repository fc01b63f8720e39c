import { setTimeout as sleep } from 'node:timers/promises'
import { connect, send } from './gateway.trial.ts'

/**
 * A device under load that keeps a ledger: it sends its messages with a few on the way at a time, and sends each again until it is
 * acknowledged, over as many connections as that takes.
 */
export class Publisher {
  readonly acknowledged = new Set<number>()
  /** Sent at least once. */
  readonly sent = new Set<number>()
  connections = 0
  #isStopped = false

  constructor(
    readonly deviceKey: string,
    private readonly port: () => number,
    private readonly fromMs: number,
  ) {}

  /** Messages 0 to `count` − 1, each at its own device time. Resolves when all are acknowledged, or after `stop`. */
  async run(count: number, onTheWay = 10): Promise<void> {
    while (!this.#isStopped && this.acknowledged.size < count) {
      try {
        await this.#sendMissing(count, onTheWay)
      } catch {
        await sleep(20)
      }
    }
  }

  stop(): void {
    this.#isStopped = true
  }

  async #sendMissing(count: number, onTheWay: number): Promise<void> {
    const client = await connect(this.port(), { connectTimeout: 2_000 })
    this.connections++
    // A PUBACK that never comes: the connection's end is the answer.
    const closed = new Promise<never>((_, reject) =>
      client.once('close', () => reject(new Error('connection closed'))),
    )
    closed.catch(() => undefined)
    client.on('error', () => undefined)
    try {
      const missing = Array.from({ length: count }, (_, at) => at).filter((at) => !this.acknowledged.has(at))
      const work = async () => {
        for (let at = missing.shift(); at !== undefined && !this.#isStopped; at = missing.shift()) {
          this.sent.add(at)
          await Promise.race([
            send(client, this.deviceKey, 'readings', { t: this.fromMs + at, v: { p: at % 1000 } }),
            closed,
          ])
          this.acknowledged.add(at)
        }
      }
      await Promise.all(Array.from({ length: onTheWay }, work))
    } finally {
      client.end(true)
    }
  }
}
