import type { Message } from './message.ts'

const tickMs = 20

/** Messages at a steady rate, whatever becomes of them: devices in the field do not slow down because a database is away. */
export class SteadyLoad {
  readonly #timer: NodeJS.Timeout
  readonly #startedAtMs = performance.now()
  #made = 0

  readonly ratePerSecond: number
  private readonly make: () => Message
  private readonly send: (message: Message) => void

  constructor(ratePerSecond: number, make: () => Message, send: (message: Message) => void) {
    this.ratePerSecond = ratePerSecond
    this.make = make
    this.send = send
    this.#timer = setInterval(() => this.#catchUp(), tickMs)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #catchUp(): void {
    const due = Math.floor(((performance.now() - this.#startedAtMs) / 1000) * this.ratePerSecond)
    for (; this.#made < due; this.#made++) this.send(this.make())
  }
}
