import type { KnownDevice } from '@gridkeeper/store'
import type { IntakeLimits } from '../config/env.ts'
import type { Decoded } from '../decoders/decoder.ts'
import { createDecoders } from '../decoders/decoders.ts'
import { BatchBuffer, type Done } from './batch-buffer.ts'
import type { BatchCommitter } from './batch-committer.ts'
import { decodeMessage, type RawMessage } from './decode-message.ts'
import type { DeviceDirectory } from './device-directory.ts'
import { makeEntry, type EntryPart, type IntakeEntry } from './intake-entry.ts'
import type { IntakeMetrics } from './intake.metrics.ts'
import type { ResolvedMessage } from './resolve-message.ts'
import { hear, loginOf, type Speaker } from './speaker.ts'
import { hasEvent, ranks, rankShares, WaitingOwners } from './urgency.ts'

const entryItems = ({ message }: IntakeEntry) =>
  message.readings.length +
    message.fixes.length +
    message.events.length +
    message.statuses.length +
    message.deadLetters.length || 1

const mayAsk = (speaker: Speaker, device: KnownDevice | undefined) =>
  speaker.kind === 'trusted' || hear(speaker, device) === 'heard'

/** Called once: with what the message became when that is committed, or with what went wrong. */
export type Answer = (error: unknown, message?: ResolvedMessage) => void

/** Takes messages from every front door: decode, resolve, wait for the commit. */
export class IntakeService {
  readonly #buffer: BatchBuffer<IntakeEntry>
  readonly #waiting = new WaitingOwners()
  readonly #decoders = createDecoders()

  constructor(
    private readonly directory: DeviceDirectory,
    committer: BatchCommitter,
    private readonly metrics: IntakeMetrics,
    limits: IntakeLimits,
    private readonly onRebirth: (commandTopic: string) => void = () => undefined,
  ) {
    this.#buffer = new BatchBuffer<IntakeEntry>({
      ...limits,
      shares: rankShares,
      itemsOf: entryItems,
      bytesOf: ({ raw }) => raw.bytes.byteLength,
      sink: (entries) => committer.commit(entries),
    })
  }

  get isFull(): boolean {
    return this.#buffer.isFull
  }

  /** What is held back now for want of room. */
  get shedding(): 'nothing' | 'fixes' | 'readings' {
    return this.#buffer.isHolding(1) ? 'readings' : this.#buffer.isHolding(2) ? 'fixes' : 'nothing'
  }

  /** As {@link take}. */
  accept(raw: RawMessage): Promise<ResolvedMessage> {
    return new Promise((resolve, reject) =>
      this.take(raw, (error, message) => (message === undefined ? reject(error) : resolve(message))),
    )
  }

  /**
   * Answers when everything the message says is committed, dead letters included; only then may its sender be acknowledged. Answers with an error when the
   * gateway stops first, or when even the room for what is held back is full. What the message became tells a sender that can listen what was refused.
   */
  take(raw: RawMessage, answer: Answer): void {
    this.#findSpeakers(raw, answer, (parts) => {
      const entry = makeEntry(raw, parts)
      this.#put(entry, (error) => {
        if (error !== null) return answer(error)
        this.metrics.messages.inc()
        this.metrics.ackSeconds.observe((Date.now() - raw.receivedAtMs) / 1000)
        // Nobody makes the gateway bother an edge node for which he may not speak.
        for (const { decoded, device } of parts)
          if (decoded.rebirth !== undefined && mayAsk(raw.speaker, device)) this.onRebirth(decoded.rebirth)
        answer(null, entry.message)
      })
    })
  }

  /** A dead letter once more: what is refused again leaves no new one. Resolves, after the commit, to the reason of a new refusal; null: accepted. */
  rerun(raw: RawMessage): Promise<string | null> {
    return new Promise((resolve, reject) =>
      this.#findSpeakers(raw, reject, (parts) => {
        const entry = makeEntry(raw, parts)
        let refusal: string | null = entry.message.deadLetters[0]?.reason ?? null
        const quiet: IntakeEntry = {
          ...entry,
          message: { ...entry.message, deadLetters: [], strangers: [] },
          onRefused: () => (refusal = 'refused-by-database'),
        }
        this.#put(quiet, (error) => (error === null ? resolve(refusal) : reject(error)))
      }),
    )
  }

  readGauges(): void {
    this.metrics.waiting.set(this.#buffer.waitingItems)
    this.metrics.waitingBytes.set(this.#buffer.waitingBytes)
    this.metrics.parked.set(this.#buffer.parkedItems)
    this.metrics.shed.reset()
    for (const [rank, what] of ranks.entries())
      this.metrics.shed.inc({ what }, this.#buffer.heldBack[rank] ?? 0)
  }

  /** Commits what was taken and refuses the rest. */
  stop(): Promise<void> {
    return this.#buffer.stop()
  }

  abandon(): void {
    this.#buffer.abandon()
  }

  /** At once when all are known; otherwise the database is asked. */
  #findSpeakers(
    raw: RawMessage,
    fail: (error: unknown) => void,
    go: (parts: readonly EntryPart[]) => void,
  ): void {
    const { topic, bytes, receivedAtMs, speaker } = raw
    const first = decodeMessage({ topic, bytes, receivedAtMs, login: loginOf(speaker) }, this.#decoders)
    const spoken = first.others === undefined ? [first] : [first, ...first.others]
    const isKnown = ({ deviceKey }: Decoded) =>
      deviceKey === null || this.directory.known(deviceKey) !== undefined
    if (spoken.every(isKnown)) {
      go(
        spoken.map((decoded) => ({
          decoded,
          device: decoded.deviceKey === null ? undefined : this.directory.known(decoded.deviceKey),
        })),
      )
      return
    }
    Promise.all(
      spoken.map(async (decoded) => ({
        decoded,
        device: decoded.deviceKey === null ? undefined : await this.directory.find(decoded.deviceKey),
      })),
    ).then(go, fail)
  }

  #put(entry: IntakeEntry, done: Done): void {
    // Who has something waiting is asked only while room is short.
    const standing = this.#buffer.hasRoom(ranks.length - 1) ? null : this.#waiting.stand(entry.message)
    // A sender over HTTP cannot be made to wait by not reading its socket: it is told at once.
    const mayPark = entry.raw.source !== 'http'
    const isUrgent = standing?.isUrgent ?? hasEvent(entry.message)
    this.#buffer.put(entry, { rank: standing?.rank ?? 0, isUrgent, mayPark }, (error) => {
      if (standing !== null) this.#waiting.leave(standing)
      done(error)
    })
  }
}
