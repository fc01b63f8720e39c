import { encodeFrame } from '@gridkeeper/contracts'
import type { TwinAsset } from '../twin/twin-asset.ts'
import type { TwinKeeper } from '../twin/twin-keeper.ts'
import type { TwinView } from '../twin/twin-view.ts'

/** Sums of bytes are kept for so many frames back: more than a client may have unseen. */
const rememberedFrames = 32

/**
 * The changes under one watched grid: which ids changed since the last frame, and the sequence. However often an asset changes between two ticks, and
 * however slow a watcher is, it costs one entry here.
 */
export class GridStream {
  readonly room: string
  readonly #view: TwinView
  readonly #assets = new Set<TwinAsset>()
  readonly #keepers = new Set<TwinKeeper>()
  readonly #sizes: number[] = []
  #sequence = 0
  #snapshot: { sequence: number; bytes: Uint8Array } | null = null

  constructor(room: string, view: TwinView) {
    this.room = room
    this.#view = view
  }

  get sequence(): number {
    return this.#sequence
  }

  get isDirty(): boolean {
    return this.#assets.size > 0 || this.#keepers.size > 0
  }

  markAsset(asset: TwinAsset): void {
    this.#assets.add(asset)
  }

  markKeeper(keeper: TwinKeeper): void {
    this.#keepers.add(keeper)
  }

  /** The next frame: what changed since the one before. */
  nextFrame(nowMs: number): Uint8Array {
    this.#sequence++
    this.#snapshot = null
    const assets = [...this.#assets]
    const keepers = [...this.#keepers]
    this.#assets.clear()
    this.#keepers.clear()
    const bytes = encodeFrame({ sequence: this.#sequence, isSnapshot: false, baseMs: nowMs, assets, keepers })
    this.#sizes.push(bytes.byteLength)
    if (this.#sizes.length > rememberedFrames) this.#sizes.shift()
    return bytes
  }

  /**
   * The whole at the current sequence. Changes of the running tick may be in it already; the next frame says them again, which changes nothing.
   * So one snapshot serves everyone who asks within the tick.
   */
  snapshot(nowMs: number): { sequence: number; bytes: Uint8Array } {
    if (this.#snapshot?.sequence === this.#sequence) return this.#snapshot
    const assets = [...this.#view.assets()]
    const keepers = [...this.#view.keepers()]
    const bytes = encodeFrame({ sequence: this.#sequence, isSnapshot: true, baseMs: nowMs, assets, keepers })
    this.#snapshot = { sequence: this.#sequence, bytes }
    return this.#snapshot
  }

  /** The registry changed: what was snapshot or marked may be gone. The sequence goes on. */
  reset(): void {
    this.#assets.clear()
    this.#keepers.clear()
    this.#snapshot = null
    this.#sequence++
    this.#sizes.push(0)
  }

  /** Bytes of the frames after `sequence`. */
  bytesSince(sequence: number): number {
    const count = Math.min(this.#sequence - sequence, this.#sizes.length)
    let bytes = 0
    for (let i = this.#sizes.length - count; i < this.#sizes.length; i++) bytes += this.#sizes[i] ?? 0
    return bytes
  }
}
