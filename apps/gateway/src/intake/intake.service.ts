import type { IntakeLimits } from '../config/env.ts'
import { BatchBuffer } from './batch-buffer.ts'
import type { BatchCommitter } from './batch-committer.ts'
import { decodeMessage, type RawMessage } from './decode-message.ts'
import type { DeviceDirectory } from './device-directory.ts'
import { makeEntry, type IntakeEntry } from './intake-entry.ts'
import { loginOf } from './speaker.ts'
import type { IntakeMetrics } from './intake.metrics.ts'
import type { ResolvedMessage } from './resolve-message.ts'

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
    private readonly onRebirth: (commandTopic: string) => void = () => undefined,
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

  /**
   * Resolves when everything the message says is committed, dead letters included; only then may its sender be acknowledged. Rejects when the gateway stops
   * first. What it resolves with tells a sender that can listen what was refused.
   */
  async accept(raw: RawMessage): Promise<ResolvedMessage> {
    const { topic, bytes, receivedAtMs, speaker } = raw
    const first = decodeMessage({ topic, bytes, receivedAtMs, login: loginOf(speaker) })
    const parts = []
    for (const decoded of first.others === undefined ? [first] : [first, ...first.others]) {
      const key = decoded.deviceKey
      const device =
        key === null ? undefined : (this.directory.known(key) ?? (await this.directory.find(key)))
      parts.push({ decoded, device })
    }
    const entry = makeEntry(raw, parts)
    await this.#buffer.add(entry)
    this.metrics.messages.inc()
    this.metrics.ackSeconds.observe((Date.now() - raw.receivedAtMs) / 1000)
    if (first.rebirth !== undefined) this.onRebirth(first.rebirth)
    return entry.message
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
