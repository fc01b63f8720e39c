import { findKind } from '@gridkeeper/domain'
import { loadDevices, type KnownDevice } from '@gridkeeper/store'
import type { Pool } from 'pg'

/** An unknown key is asked of the database again after so long. */
const forgetUnknownMs = 5_000
/** At most so many unknown keys are remembered; beyond that the oldest are forgotten. */
const maxUnknown = 10_000

/** Who speaks under which key. Unknown keys cost the database one look-up each five seconds, all of a turn in one statement. */
export class DeviceDirectory {
  #devices = new Map<string, KnownDevice>()
  #kinds = new Map<number, string>()
  readonly #unknownSince = new Map<string, number>()
  #asked = new Set<string>()
  #asking: Promise<void> | null = null

  constructor(
    private readonly pool: Pool,
    private readonly now: () => number = Date.now,
  ) {}

  get size(): number {
    return this.#devices.size
  }

  async reload(): Promise<void> {
    const devices = await loadDevices(this.pool)
    this.#devices = new Map(devices.map((device) => [device.key, device]))
    this.#kinds = new Map(
      devices.flatMap(({ asset }) => (asset === null ? [] : [[asset.assetId, asset.kind]])),
    )
    this.#unknownSince.clear()
  }

  known(key: string): KnownDevice | undefined {
    return this.#devices.get(key)
  }

  headlineOf(assetId: number): string | undefined {
    return findKind(this.#kinds.get(assetId) ?? '')?.headline
  }

  /** Throws when the database cannot be asked. */
  async find(key: string): Promise<KnownDevice | undefined> {
    const known = this.#devices.get(key)
    if (known !== undefined) return known
    const since = this.#unknownSince.get(key)
    if (since !== undefined && this.now() - since < forgetUnknownMs) return undefined
    this.#asked.add(key)
    await (this.#asking ??= this.#askSoon())
    return this.#devices.get(key)
  }

  async #askSoon(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    const keys = [...this.#asked]
    this.#asked = new Set()
    this.#asking = null
    for (const device of await loadDevices(this.pool, keys)) {
      this.#devices.set(device.key, device)
      if (device.asset !== null) this.#kinds.set(device.asset.assetId, device.asset.kind)
    }
    for (const key of keys) this.#rememberUnknown(key)
  }

  #rememberUnknown(key: string): void {
    this.#unknownSince.delete(key)
    if (this.#devices.has(key)) return
    this.#unknownSince.set(key, this.now())
    if (this.#unknownSince.size <= maxUnknown) return
    const oldest = this.#unknownSince.keys().next().value
    if (oldest !== undefined) this.#unknownSince.delete(oldest)
  }
}
