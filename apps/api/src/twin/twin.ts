import type { Alarm, AssetChange, Catalogue, Frame, KeeperChange } from '@gridkeeper/contracts'
import { worstOf, type Severity } from '@gridkeeper/domain'
import type { StoredStates } from '@gridkeeper/store'
import { Deadlines } from './deadlines.ts'
import { GridTree } from './grid-tree.ts'
import { AssetRecords, TwinAsset } from './twin-asset.ts'
import { dutyAt, newKeeper, offDutyAtMs, type TwinKeeper } from './twin-keeper.ts'

export interface TwinListener {
  assetChanged(asset: TwinAsset): void
  keeperChanged(keeper: TwinKeeper): void
}

const emptyCatalogue: Catalogue = { version: 0, grids: [], lines: [], ground: [], assets: [], keepers: [] }

/**
 * The state of everything at this instant. The newest device time wins, so that applying a frame twice, or a frame that the database already told of,
 * changes nothing. Work follows change: nothing here but {@link load} and {@link replaceCatalogue} looks at all assets.
 */
export class Twin {
  readonly assets = new Map<number, TwinAsset>()
  readonly keepers = new Map<number, TwinKeeper>()
  readonly openAlarms = new Map<number, Alarm>()
  catalogue = emptyCatalogue
  tree = new GridTree([])
  /** Arrival of the newest message, UTC ms. */
  newestMs: number | null = null
  /** Ids in frames that the catalogue does not know. */
  strangers = 0
  readonly #listener: TwinListener
  /** The same entries by id, for the way of every message: an array costs one look where a Map costs three. */
  #byId: (TwinAsset | undefined)[] = []
  readonly #silence = new Deadlines<TwinAsset>()
  readonly #duty = new Deadlines<TwinKeeper>()

  constructor(listener: TwinListener) {
    this.#listener = listener
  }

  /** Keeps the state of what stays, forgets what is gone. Tells no listener: whoever watches needs a fresh snapshot anyway. */
  replaceCatalogue(catalogue: Catalogue): void {
    this.catalogue = catalogue
    this.tree = new GridTree(catalogue.grids)
    const known = new Map(this.assets)
    const records = new AssetRecords(catalogue.assets.length)
    this.assets.clear()
    this.#byId = []
    for (const [row, asset] of catalogue.assets.entries()) {
      const entry = new TwinAsset(asset, records, row)
      const before = known.get(asset.id)
      if (before?.kindKey === asset.kind) entry.inherit(before)
      this.assets.set(asset.id, entry)
      this.#byId[asset.id] = entry
    }
    const knownKeepers = new Map(this.keepers)
    this.keepers.clear()
    for (const { id, gridId } of catalogue.keepers) {
      const before = knownKeepers.get(id)
      this.keepers.set(
        id,
        before === undefined ? newKeeper({ id, gridId }) : Object.assign(before, { gridId }),
      )
    }
  }

  /** What the database says, after a start or a gap; differences are changes. */
  load({ assets, keepers, openAlarms }: StoredStates, nowMs: number): void {
    this.openAlarms.clear()
    for (const alarm of openAlarms) this.openAlarms.set(alarm.id, alarm)
    const severities = new Map<number, Severity[]>()
    for (const { assetId, severity } of openAlarms)
      severities.set(assetId, [...(severities.get(assetId) ?? []), severity])
    for (const row of assets) {
      const alarm = worstOf(severities.get(row.id) ?? [])
      // Frames carry whole milliseconds.
      this.#setAsset({ ...row, timeMs: Math.round(row.timeMs), state: alarm }, row.receivedAtMs, nowMs)
    }
    for (const row of keepers) {
      this.#setKeeper({ ...row, timeMs: Math.round(row.timeMs), state: 0 }, row.receivedAtMs, nowMs)
    }
  }

  applyFrame(frame: Frame, arrivedMs: number): void {
    for (const change of frame.assets) this.#setAsset(change, arrivedMs, arrivedMs)
    for (const change of frame.keepers) this.#setKeeper(change, arrivedMs, arrivedMs)
  }

  applyAlarms(alarms: readonly Alarm[]): void {
    for (const alarm of alarms) {
      if (alarm.clearedAtMs === null) this.openAlarms.set(alarm.id, alarm)
      else this.openAlarms.delete(alarm.id)
    }
  }

  /** Time passes: who has fallen silent, who is no longer on duty. */
  sweep(nowMs: number): void {
    const silent = this.#silence.sweep(
      nowMs,
      (id) => this.#byId[id],
      (asset) => asset.silentAtMs,
    )
    for (const asset of silent) if (moveState(asset, asset.stateAt(nowMs))) this.#listener.assetChanged(asset)
    const offDuty = this.#duty.sweep(nowMs, (id) => this.keepers.get(id), offDutyAtMs)
    for (const keeper of offDuty)
      if (moveState(keeper, dutyAt(keeper, nowMs))) this.#listener.keeperChanged(keeper)
  }

  #setAsset(change: AssetChange, arrivedMs: number, nowMs: number): void {
    const asset = this.#byId[change.id]
    if (asset === undefined) {
      this.strangers++
      return
    }
    if (arrivedMs > (asset.heardMs ?? -Infinity)) asset.heardMs = arrivedMs
    this.#noteArrival(arrivedMs)
    let isChanged = false
    const { timeMs } = change
    const knownMs = asset.timeMs
    if (timeMs !== null && timeMs >= (knownMs ?? -Infinity)) {
      // A message that says nothing of the headline leaves it as it was. Frames carry 32-bit floats: what differs by less did not change.
      const knownHeadline = asset.headline
      const headline = change.headline === null ? knownHeadline : Math.fround(change.headline)
      isChanged = timeMs !== knownMs || headline !== knownHeadline || change.flags !== asset.flags
      asset.timeMs = timeMs
      asset.headline = headline
      asset.flags = change.flags
      asset.alarm = change.state
    }
    const moved = moveState(asset, asset.stateAt(nowMs))
    if (!asset.isAwaited) this.#awaitSilence(asset, nowMs)
    if (isChanged || moved) this.#listener.assetChanged(asset)
  }

  #awaitSilence(asset: TwinAsset, nowMs: number): void {
    const dueMs = asset.silentAtMs
    if (dueMs !== null && dueMs > nowMs) this.#silence.watch(asset, dueMs)
  }

  #setKeeper(change: KeeperChange, arrivedMs: number, nowMs: number): void {
    const keeper = this.keepers.get(change.id)
    if (keeper === undefined) {
      this.strangers++
      return
    }
    this.#noteArrival(arrivedMs)
    if (change.timeMs === null || change.timeMs <= (keeper.timeMs ?? -Infinity)) return
    const { timeMs, lon, lat, bearingDeg, speedMps, accuracyM, batteryPct } = change
    Object.assign(keeper, { timeMs, lon, lat, bearingDeg, speedMps, accuracyM, batteryPct })
    keeper.state = dutyAt(keeper, nowMs)
    if (keeper.state === 1) this.#duty.watch(keeper, offDutyAtMs(keeper) ?? nowMs)
    this.#listener.keeperChanged(keeper)
  }

  #noteArrival(arrivedMs: number): void {
    if (this.newestMs === null || arrivedMs > this.newestMs) this.newestMs = arrivedMs
  }
}

function moveState(entry: { state: number }, state: number): boolean {
  if (entry.state === state) return false
  entry.state = state
  return true
}
