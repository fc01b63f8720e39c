import type { AlarmMessage, Alarm, FeedStatus, Frame, GatewayStatus } from '@gridkeeper/contracts'
import type { Logger } from '@gridkeeper/service-kit'
import { ClearedAlarms } from '../alarms/cleared-alarms.ts'
import type { BusListener } from '../bus/bus-client.ts'
import { GatewayBoard } from './feed-status.ts'
import { SequenceTracker } from './sequence-tracker.ts'
import { Twin } from './twin.ts'
import type { TwinAsset } from './twin-asset.ts'
import type { TwinKeeper } from './twin-keeper.ts'
import type { TwinMetrics } from './twin.metrics.ts'
import type { TwinSource } from './twin-source.ts'

/** Who is told what changes. */
export interface TwinAudience {
  assetChanged(asset: TwinAsset): void
  keeperChanged(keeper: TwinKeeper): void
  alarmsChanged(alarms: readonly Alarm[]): void
  feedChanged(status: FeedStatus): void
  registryChanged(version: number): void
}

export interface TwinServiceOptions {
  readonly source: TwinSource
  readonly logger: Logger
  readonly metrics: TwinMetrics
  readonly now: () => number
  readonly retryMs?: number
}

/** Bus messages that may wait for a reload to end. More: they are dropped and another reload makes up for them. */
const maxWaiting = 10_000
/** Names of gateways that are remembered; past it, one reload too many is made. */
const maxGateways = 256
/** Ids that the catalogue does not know lead to a look at the registry, but no more often than this. */
const strangerReloadMs = 10_000

/**
 * Keeps the twin. Its phases:
 *
 *   snapshot — entered at start, when the bus comes back, when a sequence has a gap, when a gateway is new, when the registry changed.
 *              The database is read; what the bus tells meanwhile waits.
 *   cutover  — the read states go in, then what waited, in order. The newest device time wins, so what both told counts once.
 *   deltas   — what the bus tells goes in at once.
 *
 * One reload runs at a time; whoever asks for one meanwhile gets one more after it. A reload that fails is tried again, and until then deltas go on.
 */
export class TwinService implements BusListener {
  readonly twin: Twin
  readonly #options: TwinServiceOptions
  readonly #board = new GatewayBoard()
  readonly #frames = new SequenceTracker()
  readonly #alarms = new SequenceTracker()
  readonly #cleared = new ClearedAlarms()
  readonly #gateways = new Set<string>()
  #audience: TwinAudience | undefined
  #waiting: (() => void)[] | null = null
  #isReloading = false
  #isAgain = false
  #isStopped = false
  #isLoaded = false
  #feedState: FeedStatus['state'] = 'down'
  #shedding: FeedStatus['shedding'] = 'nothing'
  #lastStrangerReloadMs = -Infinity
  #reloading: Promise<void> = Promise.resolve()
  #retry: NodeJS.Timeout | undefined
  #clock: NodeJS.Timeout | undefined

  constructor(options: TwinServiceOptions) {
    this.#options = options
    this.twin = new Twin({
      assetChanged: (asset) => this.#audience?.assetChanged(asset),
      keeperChanged: (keeper) => this.#audience?.keeperChanged(keeper),
    })
  }

  get isLoaded(): boolean {
    return this.#isLoaded
  }

  get feed(): FeedStatus {
    return { state: this.#feedState, shedding: this.#shedding, newestMs: this.twin.newestMs }
  }

  get gateways(): readonly GatewayStatus[] {
    return this.#board.all
  }

  attach(audience: TwinAudience): void {
    this.#audience = audience
  }

  /** Loads the twin. Rejects if the database cannot be read: there is nothing to show then. */
  async start(): Promise<void> {
    await this.#load()
    this.#clock = setInterval(() => this.twin.sweep(this.#options.now()), 1_000)
    this.#clock.unref()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    clearInterval(this.#clock)
    clearTimeout(this.#retry)
    await this.#reloading
  }

  /** Resolves when a reload that began after this call has ended, well or not. */
  async reload(reason: string): Promise<void> {
    this.#requestReload(reason)
    await this.#reloading
  }

  frameArrived(gatewayId: string, frame: Frame): void {
    const arrivedMs = this.#options.now()
    const arrival = this.#frames.observe(gatewayId, frame.sequence)
    this.#options.metrics.frames.inc()
    if (arrival === 'old') return
    this.#whenLoaded(() => this.#applyFrame(frame, arrivedMs))
    // A gateway that is new took the place of another, which may have committed what it could no longer tell.
    if (arrival === 'first' && this.#isNew(gatewayId)) this.#requestReload('new-gateway')
    if (arrival === 'gap') this.#requestReload('gap')
  }

  alarmsArrived(gatewayId: string, { sequence, alarms }: AlarmMessage): void {
    const arrival = this.#alarms.observe(gatewayId, sequence)
    if (arrival === 'old') return
    const news = this.#cleared.sift(alarms)
    this.#whenLoaded(() => this.twin.applyAlarms(news))
    if (news.length > 0) this.#audience?.alarmsChanged(news)
    if (arrival === 'gap') this.#requestReload('gap')
  }

  statusArrived(status: GatewayStatus): void {
    this.#board.hear(status)
    this.#tellFeed()
  }

  registryChanged(version: number | null): void {
    if (version !== null && version === this.twin.catalogue.version) return
    this.#requestReload('registry')
  }

  connected(): void {
    this.#frames.forgetAll()
    this.#alarms.forgetAll()
    this.#board.setBus(true)
    this.#tellFeed()
    this.#requestReload('bus-connected')
  }

  lost(): void {
    this.#board.setBus(false)
    this.#tellFeed()
  }

  /** Sequences are forgotten with each connection, names are not: the reload that comes with a connection is enough for those. */
  #isNew(gatewayId: string): boolean {
    if (this.#gateways.has(gatewayId)) return false
    if (this.#gateways.size >= maxGateways) this.#gateways.clear()
    this.#gateways.add(gatewayId)
    return true
  }

  #applyFrame(frame: Frame, arrivedMs: number): void {
    const before = this.twin.strangers
    this.twin.applyFrame(frame, arrivedMs)
    if (this.twin.strangers === before || arrivedMs - this.#lastStrangerReloadMs < strangerReloadMs) return
    this.#lastStrangerReloadMs = arrivedMs
    this.#requestReload('unknown-id')
  }

  #whenLoaded(work: () => void): void {
    if (this.#waiting === null) work()
    else if (this.#waiting.length < maxWaiting) this.#waiting.push(work)
    else {
      this.#options.metrics.dropped.inc(this.#waiting.length)
      this.#waiting.length = 0
      this.#isAgain = true
    }
  }

  #requestReload(reason: string): void {
    if (this.#isStopped) return
    this.#options.metrics.reloads.inc({ reason })
    this.#isAgain = true
    if (this.#isReloading) return
    clearTimeout(this.#retry)
    this.#reloading = this.#reloadUntilQuiet()
  }

  async #reloadUntilQuiet(): Promise<void> {
    const { logger, retryMs = 2_000 } = this.#options
    this.#isReloading = true
    try {
      while (this.#isAgain && !this.#isStopped) {
        this.#isAgain = false
        await this.#load()
      }
    } catch (error) {
      logger.warn({ err: error }, 'the twin could not be loaded again and will be tried later')
      if (!this.#isStopped) this.#retry = setTimeout(() => this.#requestReload('retry'), retryMs)
    } finally {
      this.#isReloading = false
    }
  }

  async #load(): Promise<void> {
    const { source, now } = this.#options
    this.#waiting = []
    try {
      const version = this.#isLoaded ? this.twin.catalogue.version : null
      const { catalogue, states } = await source.read(version)
      if (catalogue !== null) this.twin.replaceCatalogue(catalogue)
      this.twin.load(states, now())
      this.#isLoaded = true
      if (catalogue !== null) this.#audience?.registryChanged(catalogue.version)
    } finally {
      const waiting = this.#waiting
      this.#waiting = null
      for (const work of waiting) work()
    }
  }

  #tellFeed(): void {
    const { state, shedding } = this.#board
    if (state === this.#feedState && shedding === this.#shedding) return
    this.#feedState = state
    this.#shedding = shedding
    this.#audience?.feedChanged(this.feed)
  }
}
