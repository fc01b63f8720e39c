/** Wrong attempts that are free, and what each further one costs: 1 s, 2 s, 4 s, … up to 15 minutes. */
const firstWaitMs = 1_000
const longestWaitMs = 15 * 60_000
/** Without a wrong attempt for so long, a key starts anew. */
const forgetAfterMs = 60 * 60_000
const maxKeys = 10_000

interface Tally {
  wrong: number
  lastMs: number
  blockedUntilMs: number
}

/** Who tries: a name from an address may be wrong five times, an address twenty, a name from anywhere fifty. */
const keysOf = (name: string, address: string): [key: string, free: number][] => [
  [`${address} ${name}`, 5],
  [`address ${address}`, 20],
  [`name ${name}`, 50],
]

/** Slows guessing down. Bounded: of too many keys the one that was wrong longest ago goes. */
export class LoginLimiter {
  readonly #tallies = new Map<string, Tally>()

  /** Milliseconds until the next attempt may be made; 0 = now. */
  waitMs(name: string, address: string, nowMs: number): number {
    const waits = keysOf(name, address).map(([key]) => (this.#tallies.get(key)?.blockedUntilMs ?? 0) - nowMs)
    return Math.max(0, ...waits)
  }

  fail(name: string, address: string, nowMs: number): void {
    for (const [key, free] of keysOf(name, address)) {
      const known = this.#tallies.get(key)
      const wrong = known !== undefined && nowMs - known.lastMs < forgetAfterMs ? known.wrong + 1 : 1
      const waitMs = wrong < free ? 0 : Math.min(longestWaitMs, firstWaitMs * 2 ** (wrong - free))
      this.#tallies.delete(key)
      this.#tallies.set(key, { wrong, lastMs: nowMs, blockedUntilMs: nowMs + waitMs })
    }
    for (const key of this.#tallies.keys()) {
      if (this.#tallies.size <= maxKeys) break
      this.#tallies.delete(key)
    }
  }

  succeed(name: string, address: string): void {
    this.#tallies.delete(`${address} ${name}`)
  }
}
