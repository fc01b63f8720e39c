export interface BanLimits {
  /** Wrong secrets of an address within `windowMs` until it is banned for `banMs`. */
  readonly after: number
  readonly windowMs: number
  readonly banMs: number
}

interface Record {
  failures: number
  sinceMs: number
  bannedUntilMs: number
}

const firstDelayMs = 100
const maxDelayMs = 5_000
/** So many addresses are remembered; beyond it the one that failed longest ago is forgotten. */
const maxAddresses = 10_000

/**
 * Wrong secrets, by address: each delays its answer twice as long as the one before, and after so many nobody from there is let in for a while. A right secret
 * in between forgives nothing: whoever has one device could otherwise guess those of others for ever.
 */
export class LoginLimiter {
  readonly #records = new Map<string, Record>()

  constructor(
    private readonly limits: BanLimits,
    private readonly now: () => number = Date.now,
  ) {}

  isBanned(address: string): boolean {
    const record = this.#records.get(addressGroup(address))
    return record !== undefined && record.bannedUntilMs > this.now()
  }

  /** Answers for how long to hold back the refusal. */
  fail(address: string): number {
    const group = addressGroup(address)
    const now = this.now()
    const known = this.#records.get(group)
    const record =
      known === undefined || now - known.sinceMs > this.limits.windowMs
        ? { failures: 0, sinceMs: now, bannedUntilMs: known?.bannedUntilMs ?? 0 }
        : known
    record.failures++
    if (record.failures >= this.limits.after) record.bannedUntilMs = now + this.limits.banMs
    this.#records.delete(group)
    this.#records.set(group, record)
    if (this.#records.size > maxAddresses) this.#forgetOldest()
    return Math.min(firstDelayMs * 2 ** Math.min(record.failures - 1, 10), maxDelayMs)
  }

  #forgetOldest(): void {
    const oldest = this.#records.keys().next().value
    if (oldest !== undefined) this.#records.delete(oldest)
  }
}

/** An IPv4 address, also one written as IPv6; of an IPv6 address the network of one site (/64), all of which one sender has. */
export function addressGroup(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped?.[1] !== undefined) return mapped[1]
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('%', 1)[0]!.split('::')
  const first = head === '' ? [] : head.split(':')
  const last = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = tail === undefined ? 0 : 8 - first.length - last.length
  return [...first, ...new Array<string>(Math.max(missing, 0)).fill('0'), ...last].slice(0, 4).join(':')
}
