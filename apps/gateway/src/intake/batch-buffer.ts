/**
 * A bounded queue that is emptied in batches, one batch at a time.
 *
 * Modes: idle (nothing waits) → lingering (something waits, the batch may still grow) → flushing (a batch is with the sink, the next one gathers) →
 * lingering or idle. A batch is closed at `maxItems` or `maxBytes`, or `lingerMs` after its first entry came, whichever is first; one that is due while
 * another is with the sink follows it at once.
 *
 * Entries have a rank; 0 is never held back for others. A rank may fill its share of `limitItems` and `limitBytes`. Beyond that it is parked: neither queued
 * nor finished, so that its sender is not acknowledged, until there is room again, the lowest rank first. Parked are at most as much again as the limits, of
 * rank 0 twice that; beyond it an entry is given back with {@link BufferFull}, and whoever brought it has to offer it again.
 *
 * Urgent entries go before all others that are queued; among themselves, and the others among themselves, they keep their order.
 *
 * An entry is finished when the sink has finished with it; a sink retries until it is told to stop, and what it gives up then fails. What is refused or left
 * over after a stop fails with {@link BufferStopped}.
 */
export interface BufferOptions<Entry> {
  readonly maxItems: number
  readonly maxBytes: number
  readonly lingerMs: number
  readonly limitItems: number
  readonly limitBytes: number
  /** Of the limits, by rank, falling; the first is 1. */
  readonly shares: readonly number[]
  readonly itemsOf: (entry: Entry) => number
  readonly bytesOf: (entry: Entry) => number
  readonly sink: (entries: readonly Entry[]) => Promise<void>
}

export class BufferStopped extends Error {
  readonly code = 'buffer-stopped'
}

export class BufferFull extends Error {
  readonly code = 'buffer-full'
}

/** Called once: with null when the entry is committed, otherwise with what went wrong. */
export type Done = (error: unknown) => void

export interface Standing {
  readonly rank: number
  readonly isUrgent: boolean
  /** Otherwise it is given back when there is no room. */
  readonly mayPark: boolean
}

interface Waiting<Entry> {
  readonly entry: Entry
  readonly isUrgent: boolean
  readonly items: number
  readonly bytes: number
  readonly done: Done
}

interface Amount {
  items: number
  bytes: number
}

export class BatchBuffer<Entry> {
  /** How many entries found no room when they came, by rank. */
  readonly heldBack: number[]
  /** In the queue. */
  readonly #queued: Amount = { items: 0, bytes: 0 }
  readonly #parkedAmount: Amount = { items: 0, bytes: 0 }
  /** With the sink. */
  #flying: Amount = { items: 0, bytes: 0 }
  readonly #urgent: Waiting<Entry>[] = []
  readonly #rest: Waiting<Entry>[] = []
  /** By rank. */
  readonly #parked: Waiting<Entry>[][]
  #flushing: Promise<void> | null = null
  #timer: NodeJS.Timeout | null = null
  /** The first entry of the queue has lingered long enough. */
  #isDue = false
  #stopped = false

  constructor(private readonly options: BufferOptions<Entry>) {
    this.heldBack = options.shares.map(() => 0)
    this.#parked = options.shares.map(() => [])
  }

  get waitingItems(): number {
    return this.#queued.items + this.#flying.items
  }

  get waitingBytes(): number {
    return this.#queued.bytes + this.#flying.bytes
  }

  get parkedItems(): number {
    return this.#parkedAmount.items
  }

  get parkedBytes(): number {
    return this.#parkedAmount.bytes
  }

  get isFull(): boolean {
    return !this.hasRoom(0)
  }

  hasRoom(rank: number): boolean {
    const share = this.options.shares[rank] ?? 1
    return (
      this.waitingItems < this.options.limitItems * share &&
      this.waitingBytes < this.options.limitBytes * share
    )
  }

  /** Whether entries of this rank are parked now. */
  isHolding(rank: number): boolean {
    return (this.#parked[rank]?.length ?? 0) > 0
  }

  /** Resolves when the entry is finished: committed. */
  add(entry: Entry, rank = 0, isUrgent = false): Promise<void> {
    return new Promise((resolve, reject) =>
      this.put(entry, { rank, isUrgent, mayPark: true }, (error) =>
        error === null ? resolve() : reject(error),
      ),
    )
  }

  put(entry: Entry, { rank, isUrgent, mayPark }: Standing, done: Done): void {
    if (this.#stopped) return done(new BufferStopped('the intake is stopping'))
    const { itemsOf, bytesOf } = this.options
    const waiting = { entry, isUrgent, items: itemsOf(entry), bytes: bytesOf(entry), done }
    if (!this.isHolding(rank) && this.hasRoom(rank)) return this.#enqueue(waiting)
    this.heldBack[rank] = (this.heldBack[rank] ?? 0) + 1
    if (!mayPark || !this.#canPark(rank)) return done(new BufferFull('the intake is full'))
    this.#parked[rank]?.push(waiting)
    this.#parkedAmount.items += waiting.items
    this.#parkedAmount.bytes += waiting.bytes
  }

  /** Flushes what waits; resolves when all of it is finished. New entries are refused from now on, and so is what is parked. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#refuseParked('the intake is stopping')
    while (this.#length > 0 || this.#flushing !== null) {
      this.#flush()
      await this.#flushing
    }
  }

  /** Gives up what waits: it fails, so that nothing of it is acknowledged. */
  abandon(): void {
    this.#stopped = true
    this.#endLinger()
    for (const { done } of this.#take(this.#length))
      done(new BufferStopped('the intake was stopped before the commit'))
    this.#refuseParked('the intake was stopped before the commit')
  }

  get #length(): number {
    return this.#urgent.length + this.#rest.length
  }

  get #isBatchFull(): boolean {
    return this.#queued.items >= this.options.maxItems || this.#queued.bytes >= this.options.maxBytes
  }

  #canPark(rank: number): boolean {
    const times = rank === 0 ? 2 : 1
    return (
      this.#parkedAmount.items < this.options.limitItems * times &&
      this.#parkedAmount.bytes < this.options.limitBytes * times
    )
  }

  #enqueue(waiting: Waiting<Entry>): void {
    ;(waiting.isUrgent ? this.#urgent : this.#rest).push(waiting)
    this.#queued.items += waiting.items
    this.#queued.bytes += waiting.bytes
    this.#timer ??= setTimeout(() => this.#becomeDue(), this.options.lingerMs)
    if (this.#isBatchFull) this.#flush()
  }

  /** The lowest rank first, each as far as its share goes. */
  #admitParked(): void {
    for (const [rank, parked] of this.#parked.entries()) {
      let count = 0
      for (; count < parked.length && this.hasRoom(rank); count++) {
        const waiting = parked[count]!
        this.#parkedAmount.items -= waiting.items
        this.#parkedAmount.bytes -= waiting.bytes
        this.#enqueue(waiting)
      }
      if (count > 0) parked.splice(0, count)
    }
  }

  #refuseParked(why: string): void {
    for (const parked of this.#parked) for (const { done } of parked.splice(0)) done(new BufferStopped(why))
    this.#parkedAmount.items = 0
    this.#parkedAmount.bytes = 0
  }

  #becomeDue(): void {
    this.#timer = null
    this.#isDue = true
    this.#flush()
  }

  #endLinger(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#isDue = false
  }

  #flush(): void {
    if (this.#flushing !== null || this.#length === 0) return
    this.#endLinger()
    const batch = this.#take(this.#batchLength())
    // What did not fit has waited as long: it follows at once.
    this.#isDue = this.#length > 0
    this.#flushing = this.#run(batch)
  }

  /** Never rejects. */
  async #run(batch: readonly Waiting<Entry>[]): Promise<void> {
    this.#flying = sumOf(batch)
    let failure: unknown = null
    try {
      await this.options.sink(batch.map(({ entry }) => entry))
    } catch (error) {
      failure = error ?? new Error('the sink gave up')
    }
    for (const { done } of batch) done(failure)
    this.#flying = { items: 0, bytes: 0 }
    this.#flushing = null
    if (!this.#stopped) this.#admitParked()
    if (this.#isDue || this.#isBatchFull) this.#flush()
  }

  /** At least one entry, and no more than a batch may have unless that one entry alone has more. */
  #batchLength(): number {
    let items = 0
    let bytes = 0
    let count = 0
    for (const queue of [this.#urgent, this.#rest])
      for (const waiting of queue) {
        items += waiting.items
        bytes += waiting.bytes
        if (count > 0 && (items > this.options.maxItems || bytes > this.options.maxBytes)) return count
        count++
      }
    return count
  }

  #take(count: number): Waiting<Entry>[] {
    const taken = this.#urgent.splice(0, count)
    if (taken.length < count) taken.push(...this.#rest.splice(0, count - taken.length))
    const { items, bytes } = sumOf(taken)
    this.#queued.items -= items
    this.#queued.bytes -= bytes
    return taken
  }
}

function sumOf(batch: readonly Waiting<unknown>[]): Amount {
  const sum = { items: 0, bytes: 0 }
  for (const { items, bytes } of batch) {
    sum.items += items
    sum.bytes += bytes
  }
  return sum
}
