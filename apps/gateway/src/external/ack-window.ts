interface Ticket {
  readonly messageId: number
  isFinished: boolean
}

/**
 * Messages of one connection that the broker waits for. MQTT wants the PUBACKs in the order of the messages ([MQTT-4.6.0-2]), so what may be acknowledged is the
 * finished beginning of the row; a window dies with its connection, and what is finished later than that is acknowledged to nobody.
 */
export class AckWindow {
  #row: Ticket[] = []

  get size(): number {
    return this.#row.length
  }

  /** Returns what to call when the message is committed. */
  enter(messageId: number): () => void {
    const ticket = { messageId, isFinished: false }
    this.#row.push(ticket)
    return () => {
      ticket.isFinished = true
    }
  }

  /** The ids to acknowledge now, each given once. */
  takeFinished(): number[] {
    const firstOpen = this.#row.findIndex(({ isFinished }) => !isFinished)
    const finished = firstOpen < 0 ? this.#row : this.#row.slice(0, firstOpen)
    this.#row = firstOpen < 0 ? [] : this.#row.slice(firstOpen)
    return finished.map(({ messageId }) => messageId)
  }
}
