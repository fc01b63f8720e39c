import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@gridkeeper/service-kit'
import {
  appendBatch,
  inRowOrder,
  OutcomeUnknown,
  type AppendResult,
  type Batch,
  type StatusRow,
  type Store,
} from '@gridkeeper/store'
import { splitEntry, type IntakeEntry } from './intake-entry.ts'
import type { IntakeMetrics } from './intake.metrics.ts'
import type { Judge, Judgement } from './present-board.ts'
import { nothing, toDeadLetter } from './resolve-message.ts'

/** Told after a commit: what it changed. */
export interface Committed {
  readonly judgement: Judgement
  readonly result: AppendResult
}

const firstRetryMs = 100
const maxRetryMs = 2_000

/**
 * Commits batches, one after the other. A database that is away is asked again for as long as it takes, and nothing is acknowledged meanwhile. A commit that
 * got no answer is settled first: to write it again blindly would tell nobody of what it had changed. A row that the database refuses for what it says
 * would be refused for ever: the batch is halved until the culprit stands alone, and that one item becomes a dead letter.
 */
export class BatchCommitter {
  #isTaking = true

  constructor(
    private readonly store: Store,
    private readonly judge: Judge,
    private readonly metrics: IntakeMetrics,
    private readonly logger: Logger,
    private readonly onCommit: (committed: Committed) => void,
    private readonly onTaking: (isTaking: boolean) => void,
    private readonly stopping: AbortSignal,
  ) {}

  /** Resolves after the commit; rejects only when told to stop. */
  async commit(entries: readonly IntakeEntry[]): Promise<void> {
    try {
      const committed = await this.#persistently(entries.length, () => this.#write(entries))
      this.#tellTaking(true)
      this.#tell(committed)
    } catch (error) {
      if (!isRefusedData(error)) throw error
      await this.#commitApart(entries, error)
    }
  }

  async #persistently<T>(items: number, work: () => Promise<T>): Promise<T> {
    for (let waitMs = firstRetryMs; ; waitMs = Math.min(waitMs * 2, maxRetryMs)) {
      try {
        return await work()
      } catch (error) {
        if (isRefusedData(error)) throw error
        this.stopping.throwIfAborted()
        this.metrics.retries.inc()
        this.logger.warn({ err: error, items, waitMs }, 'commit failed and will be tried again')
        if (!isConflict(error)) this.#tellTaking(false)
        await sleep(waitMs, undefined, { signal: this.stopping })
      }
    }
  }

  async #write(entries: readonly IntakeEntry[]): Promise<Committed> {
    const outOfRange = new Map(entries.flatMap(({ message }) => [...message.outOfRange]))
    let judgement: Judgement | undefined
    const batch: Batch = {
      readings: entries.flatMap(({ message }) => message.readings),
      fixes: entries.flatMap(({ message }) => message.fixes),
      events: entries.flatMap(({ message }) => message.events),
      statuses: newestStatuses(entries),
      deadLetters: entries.flatMap(({ message }) => message.deadLetters),
      strangers: entries.flatMap(({ message }) => message.strangers),
      judge: async (readings, fixes, client) =>
        (judgement = await this.judge.judge(readings, fixes, (row) => outOfRange.get(row) ?? [], client)),
    }
    const result = await this.#append(this.judge.isShared ? inRowOrder(batch) : batch)
    if (judgement === undefined) throw new Error('a batch was written without being judged')
    judgement.apply()
    this.#count(batch, result)
    return { judgement, result }
  }

  async #append(batch: Batch): Promise<AppendResult> {
    try {
      return await appendBatch(this.store.pool, this.store.appendPath, batch)
    } catch (error) {
      if (!(error instanceof OutcomeUnknown)) throw error
      const unknown = error as OutcomeUnknown<AppendResult>
      const result = await this.#persistently(batch.readings.length, () => unknown.settle())
      if (result === null) throw error
      return result
    }
  }

  async #commitApart(entries: readonly IntakeEntry[], error: unknown): Promise<void> {
    const [only] = entries
    if (only === undefined) return
    const parts = entries.length > 1 ? entries : splitEntry(only)
    if (parts.length > 1) {
      const middle = parts.length >> 1
      await this.commit(parts.slice(0, middle))
      return this.commit(parts.slice(middle))
    }
    if (only.onRefused !== undefined) return only.onRefused()
    const detail = error instanceof Error ? error.message : String(error)
    if (only.message.deadLetters.some((letter) => letter.reason === 'refused-by-database')) throw error
    const letter = toDeadLetter(only.raw, { reason: 'refused-by-database', detail, item: null })
    await this.commit([{ ...only, message: { ...nothing, deadLetters: [letter] } }])
  }

  /** What is committed stays so, whatever goes wrong in telling it. */
  #tell(committed: Committed): void {
    try {
      this.onCommit(committed)
    } catch (error) {
      this.logger.error({ err: error }, 'a commit could not be told to the bus')
    }
  }

  #count(batch: Batch, result: AppendResult): void {
    this.metrics.batches.inc()
    this.metrics.rows.inc({ table: 'reading' }, result.readings)
    this.metrics.rows.inc({ table: 'fix' }, result.fixes)
    this.metrics.rows.inc({ table: 'event' }, result.events)
    for (const letter of batch.deadLetters) this.metrics.deadLetters.inc({ reason: letter.reason })
  }

  #tellTaking(isTaking: boolean): void {
    if (isTaking === this.#isTaking) return
    this.#isTaking = isTaking
    this.onTaking(isTaking)
  }
}

/** One row a device: an upsert cannot touch the same row twice. */
function newestStatuses(entries: readonly IntakeEntry[]): StatusRow[] {
  const newest = new Map<string, StatusRow>()
  for (const { message } of entries)
    for (const status of message.statuses) {
      const known = newest.get(status.deviceKey)
      if (known === undefined || status.receivedAtMs >= known.receivedAtMs)
        newest.set(status.deviceKey, status)
    }
  return [...newest.values()]
}

/** Another gateway was in the way, and the next attempt will find it gone: a deadlock, or a serialization failure. */
const isConflict = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && /^40/.test(String(error.code))

/** SQLSTATE classes of errors that lie in the data: cardinality, data exception, integrity, program limit. */
const isRefusedData = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  typeof error.code === 'string' &&
  /^(21|22|23|54)...$/.test(error.code)
