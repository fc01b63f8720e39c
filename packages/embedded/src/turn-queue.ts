/**
 * Who may talk to the single backend. One holder at a time, the others first come first served.
 *
 *   idle     — nobody wants a turn
 *   held     — `holder` talks; the rest wait in order
 *
 * It is bounded by its users: each of them stands in it at most once.
 */
export class TurnQueue<Participant extends object> {
  readonly #waiting = new Set<Participant>()
  #holder: Participant | undefined

  get holder(): Participant | undefined {
    return this.#holder
  }

  get waitingCount(): number {
    return this.#waiting.size
  }

  /** Asks for a turn. Asking again, or as the holder, changes nothing. */
  request(participant: Participant): void {
    if (participant !== this.#holder) this.#waiting.add(participant)
  }

  /** Gives a free turn to the one who has waited longest; undefined when the turn is held or nobody waits. */
  grantNext(): Participant | undefined {
    if (this.#holder !== undefined) return undefined
    const next = this.#waiting.values().next()
    if (next.done === true) return undefined
    this.#waiting.delete(next.value)
    this.#holder = next.value
    return next.value
  }

  /** The holder's turn ends; for anyone else, his place in the queue is given up. */
  leave(participant: Participant): void {
    if (participant === this.#holder) this.#holder = undefined
    else this.#waiting.delete(participant)
  }
}
