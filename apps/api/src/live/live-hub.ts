import type { Alarm, FeedStatus } from '@gridkeeper/contracts'
import type { TwinAudience } from '../twin/twin.service.ts'
import type { TwinAsset } from '../twin/twin-asset.ts'
import type { TwinKeeper } from '../twin/twin-keeper.ts'
import type { TwinView } from '../twin/twin-view.ts'
import { GridStream } from './grid-stream.ts'
import type { LiveMetrics } from './live.metrics.ts'
import type { Screen } from './screen.ts'

/** What goes to many at once; encoded once. */
export interface Broadcaster {
  frame(room: string, bytes: Uint8Array): void
  alarm(rooms: readonly string[], alarm: Alarm): void
  feed(status: FeedStatus): void
}

export interface LiveWorld {
  /** Version of the catalogue. */
  version(): number
  /** From a grid up to its root. */
  pathUp(gridId: number | null): readonly number[]
  gridOfAsset(assetId: number): number | null
  view(root: number | null): TwinView
}

/** A grid to watch; null is everything. */
export type Root = number | null

interface Watched {
  readonly stream: GridStream
  readonly screens: Set<Screen>
}

export const tickMs = 100

/**
 * One stream per watched grid, made with its first watcher and dropped with its last. A tick runs only when something changed; one frame a
 * stream goes to all its watchers. Work is O(changes × depth of the tree) and O(watchers) for flow control, never O(assets).
 */
export class LiveHub implements TwinAudience {
  readonly #world: LiveWorld
  readonly #out: Broadcaster
  readonly #metrics: LiveMetrics
  readonly #now: () => number
  readonly #watched = new Map<Root, Watched>()
  readonly #dirty = new Set<Watched>()
  readonly #concerned = new Map<number | null, readonly Watched[]>()
  #timer: NodeJS.Timeout | undefined
  #lastTickMs = -Infinity

  constructor(world: LiveWorld, out: Broadcaster, metrics: LiveMetrics, now: () => number) {
    this.#world = world
    this.#out = out
    this.#metrics = metrics
    this.#now = now
  }

  watch(screen: Screen, root: Root): void {
    const watched = this.#watchedAt(root)
    if (screen.stream !== watched.stream) {
      this.leave(screen)
      this.#keep(root, watched)
      watched.screens.add(screen)
      screen.start(watched.stream)
    }
    this.#flow(screen)
  }

  leave(screen: Screen): void {
    for (const [root, watched] of this.#watched) {
      if (!watched.screens.delete(screen) || watched.screens.size > 0) continue
      this.#watched.delete(root)
      this.#dirty.delete(watched)
      this.#concerned.clear()
    }
    screen.stop()
  }

  /** A client applied a frame: one that had fallen behind is awake again. */
  see(screen: Screen, sequence: number): void {
    screen.see(sequence)
    if (screen.isBehind) this.#flow(screen)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  assetChanged(asset: TwinAsset): void {
    for (const watched of this.#concernedBy(asset.gridId)) {
      watched.stream.markAsset(asset)
      this.#markDirty(watched)
    }
  }

  keeperChanged(keeper: TwinKeeper): void {
    for (const watched of this.#concernedBy(keeper.gridId)) {
      watched.stream.markKeeper(keeper)
      this.#markDirty(watched)
    }
  }

  alarmsChanged(alarms: readonly Alarm[]): void {
    for (const alarm of alarms) {
      const rooms = this.#concernedBy(this.#world.gridOfAsset(alarm.assetId)).map(({ stream }) => stream.room)
      if (rooms.length > 0) this.#out.alarm(rooms, alarm)
    }
  }

  feedChanged(status: FeedStatus): void {
    this.#out.feed(status)
  }

  registryChanged(): void {
    this.#concerned.clear()
    this.#dirty.clear()
    for (const { stream, screens } of this.#watched.values()) {
      stream.reset()
      for (const screen of screens) {
        if (!screen.isBehind) this.#flow(screen)
      }
    }
  }

  #flow(screen: Screen): void {
    this.#metrics.snapshots.inc()
    const version = this.#world.version()
    if (screen.catalogueVersion !== version) screen.outlet.sendCatalogue(version)
    screen.catalogueVersion = version
    screen.flow(this.#now())
  }

  #watchedAt(root: Root): Watched {
    return (
      this.#watched.get(root) ?? {
        stream: new GridStream(root === null ? 'all' : `grid-${root}`, this.#world.view(root)),
        screens: new Set(),
      }
    )
  }

  #keep(root: Root, watched: Watched): void {
    if (this.#watched.get(root) === watched) return
    this.#watched.set(root, watched)
    this.#concerned.clear()
  }

  #concernedBy(gridId: number | null): readonly Watched[] {
    if (this.#watched.size === 0) return []
    const known = this.#concerned.get(gridId)
    if (known !== undefined) return known
    const found = [null, ...this.#world.pathUp(gridId)].flatMap((root) => this.#watched.get(root) ?? [])
    this.#concerned.set(gridId, found)
    return found
  }

  #markDirty(watched: Watched): void {
    this.#dirty.add(watched)
    if (this.#timer !== undefined) return
    const waitMs = Math.max(0, this.#lastTickMs + tickMs - this.#now())
    this.#timer = setTimeout(() => this.#tick(), waitMs)
  }

  #tick(): void {
    const nowMs = this.#now()
    this.#timer = undefined
    this.#lastTickMs = nowMs
    for (const { stream, screens } of this.#dirty) {
      for (const screen of screens) {
        if (screen.isBehind || !screen.isFull) continue
        screen.fallBehind()
        this.#metrics.fellBehind.inc()
      }
      const bytes = stream.nextFrame(nowMs)
      this.#out.frame(stream.room, bytes)
      this.#metrics.frames.inc()
      this.#metrics.frameBytes.inc(bytes.byteLength)
    }
    this.#dirty.clear()
  }
}
