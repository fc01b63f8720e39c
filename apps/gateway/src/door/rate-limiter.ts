/** How often the keys that are at rest are forgotten. */
const sweepMs = 10_000

export interface Rate {
  readonly perSecond: number
  /** So many at once after a rest. */
  readonly burst: number
}

/**
 * Tokens by key, one number each (the generic cell rate algorithm): the instant until which what was taken is paid for. Nobody is refused; who has taken more
 * than his burst is told how long to wait. A key at rest is forgotten, so memory follows those who speak.
 */
export class RateLimiter {
  readonly #paidUntil = new Map<string, number>()
  #sweepAtMs = 0

  get size(): number {
    return this.#paidUntil.size
  }

  /** Takes a token, even if there is none; answers for how many milliseconds the key is to be left alone, 0 for none. */
  take(key: string, { perSecond, burst }: Rate, nowMs: number): number {
    if (nowMs >= this.#sweepAtMs) this.#sweep(nowMs)
    const costMs = 1000 / perSecond
    const known = this.#paidUntil.get(key)
    const until = (known === undefined || known < nowMs ? nowMs : known) + costMs
    this.#paidUntil.set(key, until)
    const waitMs = until - nowMs - burst * costMs
    return waitMs > 0 ? waitMs : 0
  }

  /** As {@link take}, but takes nothing when the answer is to wait: for a sender that is refused instead of held. */
  ask(key: string, rate: Rate, nowMs: number): number {
    const costMs = 1000 / rate.perSecond
    const known = this.#paidUntil.get(key) ?? nowMs
    const waitMs = Math.max(known, nowMs) + costMs - nowMs - rate.burst * costMs
    return waitMs > 0 ? waitMs : this.take(key, rate, nowMs)
  }

  #sweep(nowMs: number): void {
    this.#sweepAtMs = nowMs + sweepMs
    for (const [key, until] of this.#paidUntil) if (until <= nowMs) this.#paidUntil.delete(key)
  }
}
