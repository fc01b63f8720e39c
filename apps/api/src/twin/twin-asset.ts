import type { AssetChange } from '@gridkeeper/contracts'
import { assetState, findKind } from '@gridkeeper/domain'

/** An asset of a kind that this version does not know is never called silent. */
const neverSilent = Number.POSITIVE_INFINITY
const recordBytes = 32

/**
 * What moves of all assets, 32 bytes each, in one block: f64 device time · f64 arrival · f32 headline · u8 state, alarm, flags, awaited. NaN is null.
 * As fields of objects the times would be a new heap number with every message; at 100,000 assets that and the cache misses cost more than the work itself.
 */
export class AssetRecords {
  readonly doubles: Float64Array
  readonly floats: Float32Array
  readonly bytes: Uint8Array

  constructor(count: number) {
    const block = new ArrayBuffer(count * recordBytes)
    this.doubles = new Float64Array(block)
    this.floats = new Float32Array(block)
    this.bytes = new Uint8Array(block)
  }
}

const orNull = (value: number) => (Number.isNaN(value) ? null : value)

/** One asset of the twin. Has the shape of its own change, so that a frame is encoded from it. */
export class TwinAsset implements AssetChange {
  readonly id: number
  readonly kindKey: string
  readonly silentAfterMs: number
  readonly gridId: number | null
  readonly #records: AssetRecords
  readonly #row: number

  constructor(
    asset: { id: number; kind: string; gridId: number | null },
    records: AssetRecords,
    row: number,
  ) {
    this.id = asset.id
    this.kindKey = asset.kind
    this.silentAfterMs = findKind(asset.kind)?.silentAfterMs ?? neverSilent
    this.gridId = asset.gridId
    this.#records = records
    this.#row = row
    this.timeMs = null
    this.heardMs = null
    this.headline = null
    this.state = assetState.unknown
  }

  get timeMs(): number | null {
    return orNull(this.#records.doubles[this.#row * 4]!)
  }
  set timeMs(value: number | null) {
    this.#records.doubles[this.#row * 4] = value ?? NaN
  }

  /** Arrival of its newest message, UTC ms; null: it never spoke. */
  get heardMs(): number | null {
    return orNull(this.#records.doubles[this.#row * 4 + 1]!)
  }
  set heardMs(value: number | null) {
    this.#records.doubles[this.#row * 4 + 1] = value ?? NaN
  }

  /** With the precision of a frame: 32 bits. */
  get headline(): number | null {
    return orNull(this.#records.floats[this.#row * 8 + 4]!)
  }
  set headline(value: number | null) {
    this.#records.floats[this.#row * 8 + 4] = value ?? NaN
  }

  get state(): number {
    return this.#records.bytes[this.#row * 32 + 20]!
  }
  set state(value: number) {
    this.#records.bytes[this.#row * 32 + 20] = value
  }

  /** 0 to 3: the worst open alarm. */
  get alarm(): number {
    return this.#records.bytes[this.#row * 32 + 21]!
  }
  set alarm(value: number) {
    this.#records.bytes[this.#row * 32 + 21] = value
  }

  get flags(): number {
    return this.#records.bytes[this.#row * 32 + 22]!
  }
  set flags(value: number) {
    this.#records.bytes[this.#row * 32 + 22] = value
  }

  /** Its silence is waited for already. */
  get isAwaited(): boolean {
    return this.#records.bytes[this.#row * 32 + 23] === 1
  }
  set isAwaited(value: boolean) {
    this.#records.bytes[this.#row * 32 + 23] = value ? 1 : 0
  }

  /** Takes over what another record knows, when the catalogue was replaced. */
  inherit(from: TwinAsset): void {
    this.timeMs = from.timeMs
    this.heardMs = from.heardMs
    this.headline = from.headline
    this.state = from.state
    this.alarm = from.alarm
    this.flags = from.flags
    this.isAwaited = from.isAwaited
  }

  /** When it falls silent unless it speaks; null: never. */
  get silentAtMs(): number | null {
    const heardMs = this.heardMs
    return heardMs === null || this.silentAfterMs === neverSilent ? null : heardMs + this.silentAfterMs
  }

  /** An open alarm by its severity, then never spoke, then silence, then normal. */
  stateAt(nowMs: number): number {
    if (this.alarm > 0) return this.alarm
    const heardMs = this.heardMs
    if (heardMs === null) return assetState.unknown
    return nowMs >= heardMs + this.silentAfterMs ? assetState.silent : assetState.normal
  }
}
