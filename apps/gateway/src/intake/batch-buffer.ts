/**
 * A bounded queue that is emptied in batches, one batch at a time.
 *
 * Modes: idle (nothing waits) → lingering (something waits, the batch may still grow) → flushing (a batch is with the sink, the next one gathers) →
 * lingering or idle. A batch is closed at `maxItems` or `maxBytes`, or `lingerMs` after its first entry came, whichever is first; one that is due while
 * another is with the sink follows it at once. At `limitItems` or `limitBytes` the queue is full: `add` resolves only when there is room, so that whoever
 * reads from a socket stops reading. An entry's promise resolves when the sink has finished with it; a sink retries until it is told to stop, and what it
 * gives up then rejects. What is refused or left over after a stop rejects with {@link BufferStopped}.
 */
export interface BufferOptions<Entry> {
  readonly maxItems: number
  readonly maxBytes: number
  readonly lingerMs: number
  readonly limitItems: number
  readonly limitBytes: number
  readonly itemsOf: (entry: Entry) => number
  readonly bytesOf: (entry: Entry) => number
  readonly sink: (entries: readonly Entry[]) => Promise<void>
}

export class BufferStopped extends Error {
  readonly code = 'buffer-stopped'
}

interface Waiting<Entry> {
  readonly entry: Entry
  readonly items: number
  readonly bytes: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

interface Amount {
  items: number
  bytes: number
}

export class BatchBuffer<Entry> {
  /** How often somebody had to wait for room. */
  pauses = 0
  /** In the queue. */
  readonly #queued: Amount = { items: 0, bytes: 0 }
  /** With the sink. */
  #flying: Amount = { items: 0, bytes: 0 }
  #queue: Waiting<Entry>[] = []
  #forRoom: (() => void)[] = []
  #flushing: Promise<void> | null = null
  #timer: NodeJS.Timeout | null = null
  /** The first entry of the queue has lingered long enough. */
  #isDue = false
  #stopped = false

  constructor(private readonly options: BufferOptions<Entry>) {}

  get waitingItems(): number {
    return this.#queued.items + this.#flying.items
  }

  get waitingBytes(): number {
    return this.#queued.bytes + this.#flying.bytes
  }

  get isFull(): boolean {
    return this.waitingItems >= this.options.limitItems || this.waitingBytes >= this.options.limitBytes
  }

  /** Resolves when the entry is finished: committed. */
  async add(entry: Entry): Promise<void> {
    while (this.isFull && !this.#stopped) {
      this.pauses++
      await new Promise<void>((resolve) => this.#forRoom.push(resolve))
    }
    if (this.#stopped) throw new BufferStopped('the intake is stopping')
    const items = this.options.itemsOf(entry)
    const bytes = this.options.bytesOf(entry)
    const done = new Promise<void>((resolve, reject) =>
      this.#queue.push({ entry, items, bytes, resolve, reject }),
    )
    this.#queued.items += items
    this.#queued.bytes += bytes
    this.#timer ??= setTimeout(() => this.#becomeDue(), this.options.lingerMs)
    if (this.#isBatchFull) this.#flush()
    return done
  }

  /** Flushes what waits; resolves when all of it is finished. New entries are refused from now on. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#wakeWaiters()
    while (this.#queue.length > 0 || this.#flushing !== null) {
      this.#flush()
      await this.#flushing
    }
  }

  /** Gives up what waits: its promises reject, so that nothing of it is acknowledged. */
  abandon(): void {
    this.#stopped = true
    this.#endLinger()
    for (const { reject } of this.#take(this.#queue.length))
      reject(new BufferStopped('the intake was stopped before the commit'))
    this.#wakeWaiters()
  }

  get #isBatchFull(): boolean {
    return this.#queued.items >= this.options.maxItems || this.#queued.bytes >= this.options.maxBytes
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
    if (this.#flushing !== null || this.#queue.length === 0) return
    this.#endLinger()
    const batch = this.#take(this.#batchLength())
    // What did not fit has waited as long: it follows at once.
    this.#isDue = this.#queue.length > 0
    this.#flushing = this.#run(batch)
  }

  /** Never rejects. */
  async #run(batch: readonly Waiting<Entry>[]): Promise<void> {
    this.#flying = sumOf(batch)
    try {
      await this.options.sink(batch.map(({ entry }) => entry))
      for (const { resolve } of batch) resolve()
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
    this.#flying = { items: 0, bytes: 0 }
    this.#flushing = null
    this.#wakeWaiters()
    if (this.#isDue || this.#isBatchFull) this.#flush()
  }

  /** At least one entry, and no more than a batch may have unless that one entry alone has more. */
  #batchLength(): number {
    let items = 0
    let bytes = 0
    let count = 0
    for (const waiting of this.#queue) {
      items += waiting.items
      bytes += waiting.bytes
      if (count > 0 && (items > this.options.maxItems || bytes > this.options.maxBytes)) break
      count++
    }
    return count
  }

  #take(count: number): Waiting<Entry>[] {
    const taken = this.#queue.splice(0, count)
    const { items, bytes } = sumOf(taken)
    this.#queued.items -= items
    this.#queued.bytes -= bytes
    return taken
  }

  #wakeWaiters(): void {
    if (this.isFull && !this.#stopped) return
    for (const wake of this.#forRoom.splice(0)) wake()
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
