import { decodeFrame, type AssetChange, type Frame, type KeeperChange } from '@gridkeeper/contracts'
import type { Batch } from './feed-messages.ts'

export interface FeedPort {
  watch(): void
  seen(sequence: number): void
  post(batch: Batch): void
  now(): number
}

/**
 * One connection's frames, from bytes to batches. Modes:
 *
 * - waiting   nothing but a snapshot is taken. Entered on connection, on a gap and on bytes that are no frame; left by a snapshot.
 * - following each frame must be one sequence further; otherwise back to waiting, with a new `watch`.
 *
 * At most one batch is with the main thread; meanwhile changes merge by id, so a slow or hidden page costs one entry an asset, never a
 * backlog. `seen` goes out once the page has taken a batch, which is what holds the server back.
 */
export function createFeedSession(port: FeedPort) {
  let expected: number | null = null
  let isSnapshot = false
  let newest: { sequence: number; baseMs: number; arrivedMs: number } | null = null
  let assets = new Map<number, AssetChange>()
  let keepers = new Map<number, KeeperChange>()
  let isWithPage = false

  const pump = () => {
    if (isWithPage || newest === null) return
    isWithPage = true
    port.post({ isSnapshot, ...newest, assets: [...assets.values()], keepers: [...keepers.values()] })
    newest = null
    isSnapshot = false
    assets = new Map()
    keepers = new Map()
  }

  const merge = (frame: Frame) => {
    if (frame.isSnapshot) {
      isSnapshot = true
      assets.clear()
      keepers.clear()
    }
    for (const asset of frame.assets) assets.set(asset.id, asset)
    for (const keeper of frame.keepers) keepers.set(keeper.id, keeper)
    newest = { sequence: frame.sequence, baseMs: frame.baseMs, arrivedMs: port.now() }
  }

  const restart = () => {
    if (expected === null) return
    expected = null
    port.watch()
  }

  return {
    connected() {
      expected = null
      port.watch()
    },
    disconnected() {
      expected = null
    },
    frame(bytes: Uint8Array) {
      let frame: Frame
      try {
        frame = decodeFrame(bytes)
      } catch {
        return restart()
      }
      if (!frame.isSnapshot) {
        if (expected === null) return
        if (frame.sequence !== expected) return restart()
      }
      expected = (frame.sequence + 1) >>> 0
      merge(frame)
      pump()
    },
    /** The page has merged the batch that ends with this sequence. */
    taken(sequence: number) {
      isWithPage = false
      port.seen(sequence)
      pump()
    },
  }
}
