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
  /** Keys by the hash of a token that logs in by itself. */
  #tokens = new Map<string, string>()
  /** How many keys each login speaks for, besides its own. */
  #spokenFor = new Map<string, number>()
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
    this.#devices = new Map()
    this.#kinds = new Map()
    this.#tokens = new Map()
    this.#spokenFor = new Map()
    for (const device of devices) this.#learn(device)
    this.#unknownSince.clear()
  }

  known(key: string): KnownDevice | undefined {
    return this.#devices.get(key)
  }

  knownToken(tokenHash: string): KnownDevice | undefined {
    const key = this.#tokens.get(tokenHash)
    const device = key === undefined ? undefined : this.#devices.get(key)
    return device?.secretHash === tokenHash ? device : undefined
  }

  /** How many keys a login may speak for, its own included. */
  voicesOf(login: string): number {
    return 1 + (this.#spokenFor.get(login) ?? 0)
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

  /** Asks the database, whatever is remembered. */
  async refresh(key: string): Promise<KnownDevice | undefined> {
    this.#unknownSince.delete(key)
    for (const device of await loadDevices(this.pool, [key])) this.#learn(device)
    return this.#devices.get(key)
  }

  #learn(device: KnownDevice): void {
    const { key, asset, secretHash, via } = device
    const isNew = !this.#devices.has(key)
    this.#devices.set(key, device)
    if (asset !== null) this.#kinds.set(asset.assetId, asset.kind)
    if (secretHash?.startsWith('sha256$') === true) this.#tokens.set(secretHash, key)
    if (via !== null && isNew) this.#spokenFor.set(via, (this.#spokenFor.get(via) ?? 0) + 1)
  }

  async #askSoon(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    const keys = [...this.#asked]
    this.#asked = new Set()
    this.#asking = null
    for (const device of await loadDevices(this.pool, keys)) this.#learn(device)
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
