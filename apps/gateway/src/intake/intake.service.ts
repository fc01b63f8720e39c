import { parseDeviceTopic } from '@gridkeeper/contracts'
import type { IntakeLimits } from '../config/env.ts'
import { BatchBuffer } from './batch-buffer.ts'
import type { BatchCommitter } from './batch-committer.ts'
import type { RawMessage } from './decode-message.ts'
import type { DeviceDirectory } from './device-directory.ts'
import { readEntry, type IntakeEntry } from './intake-entry.ts'
import type { IntakeMetrics } from './intake.metrics.ts'

const entryItems = ({ message }: IntakeEntry) =>
  message.readings.length +
    message.fixes.length +
    message.events.length +
    message.statuses.length +
    message.deadLetters.length || 1

/** Takes messages from every front door: decode, resolve, wait for the commit. */
export class IntakeService {
  readonly #buffer: BatchBuffer<IntakeEntry>

  constructor(
    private readonly directory: DeviceDirectory,
    committer: BatchCommitter,
    private readonly metrics: IntakeMetrics,
    limits: IntakeLimits,
  ) {
    this.#buffer = new BatchBuffer<IntakeEntry>({
      ...limits,
      itemsOf: entryItems,
      bytesOf: ({ raw }) => raw.bytes.byteLength,
      sink: (entries) => committer.commit(entries),
    })
  }

  get isFull(): boolean {
    return this.#buffer.isFull
  }

  /** Resolves when everything the message says is committed, dead letters included; only then may its sender be acknowledged. Rejects when the gateway stops first. */
  async accept(raw: RawMessage): Promise<void> {
    const key = parseDeviceTopic(raw.topic)?.deviceKey
    const device =
      key === undefined ? undefined : (this.directory.known(key) ?? (await this.directory.find(key)))
    await this.#buffer.add(readEntry(raw, device))
    this.metrics.messages.inc()
    this.metrics.ackSeconds.observe((Date.now() - raw.receivedAtMs) / 1000)
  }

  readGauges(): void {
    this.metrics.waiting.set(this.#buffer.waitingItems)
    this.metrics.waitingBytes.set(this.#buffer.waitingBytes)
    this.metrics.pauses.reset()
    this.metrics.pauses.inc(this.#buffer.pauses)
  }

  /** Commits what was taken and refuses the rest. */
  stop(): Promise<void> {
    return this.#buffer.stop()
  }

  abandon(): void {
    this.#buffer.abandon()
  }
}
