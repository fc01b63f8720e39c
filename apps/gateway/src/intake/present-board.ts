import {
  historyFlags,
  judgeReading,
  worstOf,
  type AlarmChange,
  type CheckedValues,
  type Severity,
} from '@gridkeeper/domain'
import type { AssetChange, KeeperChange } from '@gridkeeper/contracts'
import type {
  AlarmClear,
  AlarmRaise,
  FixRow,
  Judged,
  LockedPresent,
  Present,
  PresentAsset,
  ReadingRow,
} from '@gridkeeper/store'
import type { PoolClient } from 'pg'

/** Decides what a batch changes about the present. `isShared`: other gateways judge the same assets. */
export interface Judge {
  readonly isShared: boolean
  judge(
    readings: readonly ReadingRow[],
    fixes: readonly FixRow[],
    outOfRange: (row: ReadingRow) => readonly string[],
    client: PoolClient,
  ): Judgement | Promise<Judgement>
}

interface AssetPresent extends Present {
  readonly headline: number | null
  readonly flags: number
  /** Rules that hold now, with their severities. */
  readonly openRules: ReadonlyMap<string, Severity>
}

interface Moved {
  readonly row: ReadingRow
  readonly present: AssetPresent
}

/** What a batch changes about the present; nothing of it counts before `apply`, which is called after the commit. */
export interface Judgement extends Judged {
  readonly assets: readonly AssetChange[]
  readonly keepers: readonly KeeperChange[]
  apply(): void
}

const noRules: ReadonlyMap<string, Severity> = new Map()

const isNewer = (row: Present, than: Present | undefined) =>
  than === undefined ||
  row.timeMs > than.timeMs ||
  (row.timeMs === than.timeMs && row.messageId > than.messageId)

/**
 * The newest state of each asset and keeper, as far as it is committed. It decides which messages move the present: only one newer in device time than all
 * before it, and never one that is more than 30 days old or says of itself that it is history. Only those are judged.
 */
export class PresentBoard implements Judge {
  readonly isShared = false
  readonly #assets = new Map<number, AssetPresent>()
  readonly #keepers = new Map<number, Present>()

  load(
    assets: ReadonlyMap<number, PresentAsset>,
    headlineKeys: (assetId: number) => string | undefined,
    openAlarms: ReadonlyMap<number, ReadonlyMap<string, string>>,
    keepers: ReadonlyMap<number, Present>,
  ): void {
    this.#assets.clear()
    this.#keepers.clear()
    for (const [id, present] of assets) {
      const value = present.values[headlineKeys(id) ?? '']
      const openRules = (openAlarms.get(id) ?? noRules) as ReadonlyMap<string, Severity>
      const headline = value === undefined ? null : Number(value)
      this.#assets.set(id, {
        timeMs: present.timeMs,
        messageId: present.messageId,
        flags: present.flags,
        headline,
        openRules,
      })
    }
    for (const [id, present] of keepers) this.#keepers.set(id, present)
  }

  /** What the database says, held there for one batch. */
  static of({ assets, keepers, openAlarms }: LockedPresent): PresentBoard {
    const board = new PresentBoard()
    for (const [id, present] of assets) {
      const openRules = (openAlarms.get(id) ?? noRules) as ReadonlyMap<string, Severity>
      board.#assets.set(id, { ...present, openRules })
    }
    for (const [id, present] of keepers) board.#keepers.set(id, present)
    return board
  }

  /** Rows in order of arrival. */
  judge(
    readings: readonly ReadingRow[],
    fixes: readonly FixRow[],
    outOfRange: (row: ReadingRow) => readonly string[],
  ): Judgement {
    const alarms = new AlarmChanges()
    const moved = new Map<number, Moved>()
    for (const row of byDeviceTime(readings)) {
      const earlier = moved.get(row.assetId)
      const before = earlier?.present ?? this.#assets.get(row.assetId)
      if ((row.flags & historyFlags) !== 0 || !isNewer(row, before)) continue
      const openRules = judgeOne(row, before?.openRules ?? noRules, outOfRange(row), alarms)
      const headline = headlineOf(row) ?? before?.headline ?? null
      const present = { timeMs: row.timeMs, messageId: row.messageId, flags: row.flags, headline, openRules }
      moved.set(row.assetId, { row: earlier === undefined ? row : mergeSaid(earlier.row, row), present })
    }
    const movedKeepers = new Map<number, FixRow>()
    for (const row of fixes) {
      const before = movedKeepers.get(row.keeperId) ?? this.#keepers.get(row.keeperId)
      if ((row.flags & historyFlags) === 0 && isNewer(row, before)) movedKeepers.set(row.keeperId, row)
    }
    return {
      presentReadings: Array.from(moved.values(), ({ row }) => row),
      presentFixes: [...movedKeepers.values()],
      raises: alarms.raises,
      clears: alarms.clears,
      assets: [...moved].map(([id, { present }]) => toAssetChange(id, present)),
      keepers: [...movedKeepers.values()].map(toKeeperChange),
      apply: () => {
        for (const [id, { present }] of moved) this.#assets.set(id, present)
        for (const [id, { timeMs, messageId }] of movedKeepers) this.#keepers.set(id, { timeMs, messageId })
      },
    }
  }
}

function judgeOne(
  row: ReadingRow,
  openRules: ReadonlyMap<string, Severity>,
  outOfRange: readonly string[],
  alarms: AlarmChanges,
): ReadonlyMap<string, Severity> {
  const checked: CheckedValues = { values: row.values, extra: row.extra, flags: row.flags, outOfRange }
  const changes = judgeReading(row.kind, checked, openRules)
  if (changes.length === 0) return openRules
  const next = new Map(openRules)
  for (const change of changes) {
    if (change.type === 'raised') next.set(change.rule.key, change.rule.severity)
    else next.delete(change.rule.key)
    alarms.add(row, change)
  }
  return next
}

/** What a batch does to the alarms. One that is raised and cleared within it is written closed: the order between statements is not that of the readings. */
class AlarmChanges {
  readonly raises: AlarmRaise[] = []
  readonly clears: AlarmClear[] = []
  /** Place in `raises` of what this batch raised and has not cleared. */
  readonly #raisedHere = new Map<string, number>()

  add({ assetId, timeMs }: ReadingRow, change: AlarmChange): void {
    const { key: rule, severity } = change.rule
    const name = `${assetId} ${rule}`
    if (change.type === 'raised') {
      this.#raisedHere.set(name, this.raises.length)
      const { metric, value } = change
      this.raises.push({ assetId, rule, severity, metric, value, raisedAtMs: timeMs, clearedAtMs: null })
      return
    }
    const place = this.#raisedHere.get(name)
    const raised = place === undefined ? undefined : this.raises[place]
    if (place === undefined || raised === undefined) {
      this.clears.push({ assetId, rule, clearedAtMs: timeMs })
      return
    }
    this.raises[place] = { ...raised, clearedAtMs: timeMs }
    this.#raisedHere.delete(name)
  }
}

const byOrder = (a: ReadingRow, b: ReadingRow) =>
  a.timeMs - b.timeMs || (a.messageId < b.messageId ? -1 : a.messageId > b.messageId ? 1 : 0)

/** Device time decides within a batch, too: a phone or a gateway may send its buffer in any order. At one instant, the message id. */
const byDeviceTime = (rows: readonly ReadingRow[]): readonly ReadingRow[] => {
  for (let i = 1; i < rows.length; i++) if (byOrder(rows[i - 1]!, rows[i]!) > 0) return rows.toSorted(byOrder)
  return rows
}

/** The newer row, with what only the earlier one of this batch said. */
const mergeSaid = (earlier: ReadingRow, row: ReadingRow): ReadingRow => ({
  ...row,
  values: row.values.map((value, index) => value ?? earlier.values[index] ?? null),
})

function headlineOf(row: ReadingRow): number | null {
  const value = row.values[row.kind.metrics.findIndex((metric) => metric.key === row.kind.headline)]
  return value === null || value === undefined ? null : Number(value)
}

const toAssetChange = (id: number, present: AssetPresent): AssetChange => ({
  id,
  timeMs: present.timeMs,
  headline: present.headline,
  state: present.openRules.size === 0 ? 0 : worstOf(present.openRules.values()),
  flags: present.flags & 0xff,
})

const toKeeperChange = (row: FixRow): KeeperChange => ({
  id: row.keeperId,
  timeMs: row.timeMs,
  lon: row.lon,
  lat: row.lat,
  bearingDeg: row.bearingDeg,
  speedMps: row.speedMps,
  accuracyM: row.accuracyM,
  batteryPct: row.batteryPct,
  state: 1,
})
