/** Whose deadline is waited for; it keeps the mark itself, so that hearing of it costs no look into a set. */
export interface Awaited {
  readonly id: number
  isAwaited: boolean
}

/**
 * Finds what has become due without looking at what has not. Ids lie in buckets of one second. A deadline that moves later leaves its id where it is;
 * when the old bucket comes up, its owner is asked for its true deadline and laid into that bucket. So hearing of an asset costs nothing here, and
 * each asset is looked at once per silence period at most.
 */
export class Deadlines<Entry extends Awaited> {
  readonly #buckets = new Map<number, number[]>()
  #sweptTo = -Infinity

  /** Does nothing if the entry is awaited already. */
  watch(entry: Entry, dueMs: number): void {
    if (entry.isAwaited) return
    entry.isAwaited = true
    this.#lay(entry.id, dueMs)
  }

  /** Entries whose deadline is now or past; they are awaited no longer. An id that `find` does not know any more is dropped. */
  sweep(
    nowMs: number,
    find: (id: number) => Entry | undefined,
    dueOf: (entry: Entry) => number | null,
  ): Entry[] {
    const due: Entry[] = []
    const now = Math.floor(nowMs / 1000)
    for (const second of this.#passedSeconds(now)) {
      const ids = this.#buckets.get(second) ?? []
      this.#buckets.delete(second)
      for (const id of ids) {
        const entry = find(id)
        if (entry?.isAwaited !== true) continue
        const dueMs = dueOf(entry)
        if (dueMs !== null && dueMs > nowMs) {
          this.#lay(id, dueMs)
          continue
        }
        entry.isAwaited = false
        due.push(entry)
      }
    }
    this.#sweptTo = now
    return due
  }

  #lay(id: number, dueMs: number): void {
    // A bucket comes up when its second is over, or at the next sweep if it is behind already.
    const second = Math.max(Math.floor(dueMs / 1000) + 1, this.#sweptTo + 1)
    const bucket = this.#buckets.get(second)
    if (bucket) bucket.push(id)
    else this.#buckets.set(second, [id])
  }

  #passedSeconds(now: number): number[] {
    const gap = now - this.#sweptTo
    if (gap > this.#buckets.size) return [...this.#buckets.keys()].filter((second) => second <= now)
    return Array.from({ length: Math.max(0, gap) }, (_, index) => this.#sweptTo + 1 + index)
  }
}
