/**
 * - `next`   exactly one further than the last
 * - `first`  nothing was known of this sender
 * - `gap`    some were missed
 * - `old`    a repetition
 */
export type Arrival = 'next' | 'first' | 'gap' | 'old'

/** Gateways that came and went are forgotten, oldest first, so that a flapping one costs bounded memory. */
const maxSenders = 256

/** Notices that something of a sender was missed. */
export class SequenceTracker {
  readonly #last = new Map<string, number>()

  observe(sender: string, sequence: number): Arrival {
    const last = this.#last.get(sender)
    if (last !== undefined && sequence <= last) return 'old'
    if (last === undefined && this.#last.size >= maxSenders)
      this.#last.delete(this.#last.keys().next().value ?? '')
    this.#last.set(sender, sequence)
    if (last === undefined) return 'first'
    return sequence === last + 1 ? 'next' : 'gap'
  }

  forgetAll(): void {
    this.#last.clear()
  }
}
