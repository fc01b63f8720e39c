import { maxUnseenFrames } from '@gridkeeper/contracts'
import type { GridStream } from './grid-stream.ts'

/** What the hub needs of one connection. */
export interface Outlet {
  join(room: string): void
  leave(room: string): void
  sendFrame(bytes: Uint8Array): void
  sendCatalogue(version: number): void
}

/** Frames on the way to one client may take so much memory, whatever their number. */
export const maxUnseenBytes = 8 * 1024 * 1024

/**
 * One watching client. Its modes:
 *
 *   idle     — connected, has not said what it watches. Left by `watch`.
 *   flowing  — in its stream's room: each frame reaches it. Left when too much is on the way unseen.
 *   behind   — out of the room: nothing is sent, so nothing piles up. Left by its next `seen`, with a fresh snapshot.
 */
export class Screen {
  readonly outlet: Outlet
  stream: GridStream | null = null
  isBehind = false
  /** What it was last told of. It hears at its start, too: it may have been away when the registry changed. */
  catalogueVersion: number | null = null
  #seen = 0

  constructor(outlet: Outlet) {
    this.outlet = outlet
  }

  start(stream: GridStream): void {
    this.stop()
    this.stream = stream
    this.isBehind = true
  }

  stop(): void {
    if (this.stream !== null && !this.isBehind) this.outlet.leave(this.stream.room)
    this.stream = null
    this.isBehind = false
  }

  /** A snapshot, and then what follows it. */
  flow(nowMs: number): void {
    if (this.stream === null) return
    const { sequence, bytes } = this.stream.snapshot(nowMs)
    this.#seen = sequence - 1
    this.outlet.sendFrame(bytes)
    if (this.isBehind) this.outlet.join(this.stream.room)
    this.isBehind = false
  }

  /** False for a number that tells nothing new. */
  see(sequence: number): boolean {
    if (this.stream === null || !Number.isInteger(sequence)) return false
    if (sequence <= this.#seen || sequence > this.stream.sequence) return false
    this.#seen = sequence
    return true
  }

  get isFull(): boolean {
    if (this.stream === null) return false
    return (
      this.stream.sequence - this.#seen >= maxUnseenFrames ||
      this.stream.bytesSince(this.#seen) > maxUnseenBytes
    )
  }

  fallBehind(): void {
    if (this.stream !== null) this.outlet.leave(this.stream.room)
    this.isBehind = true
  }
}
