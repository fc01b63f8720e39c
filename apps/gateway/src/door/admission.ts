export interface AdmissionLimits {
  readonly perSecond: number
  /** So many may be on their way to a login at once. */
  readonly maxPending: number
}

const pumpMs = 20
/** Of a second's worth, so much may come in at once after a rest. */
const burstShare = 0.25

/**
 * The queue before the door: connections wait in it unread and are let in at a steady rate, so that 5,000 devices that come back at once cost neither a login
 * storm nor a refusal. It is bounded by the limit of all connections, of which those that wait are a part. First come, first served.
 */
export class Admission<Visitor> {
  readonly #waiting = new Set<Visitor>()
  #pending = 0
  #tokens: number
  #filledAtMs: number
  #timer: NodeJS.Timeout | null = null

  constructor(
    private readonly limits: AdmissionLimits,
    private readonly admit: (visitor: Visitor) => void,
    private readonly now: () => number = Date.now,
  ) {
    this.#tokens = this.#burst
    this.#filledAtMs = now()
  }

  get waiting(): number {
    return this.#waiting.size
  }

  get pending(): number {
    return this.#pending
  }

  enter(visitor: Visitor): void {
    this.#waiting.add(visitor)
    if (this.#timer === null) this.#pump()
  }

  /** True when it had not been admitted yet. */
  leave(visitor: Visitor): boolean {
    return this.#waiting.delete(visitor)
  }

  /** One that was admitted has logged in, or gone. */
  settle(): void {
    this.#pending--
    if (this.#waiting.size > 0 && this.#timer === null) this.#pump()
  }

  stop(): void {
    this.#waiting.clear()
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  get #burst(): number {
    return Math.max(1, this.limits.perSecond * burstShare)
  }

  #pump(): void {
    this.#timer = null
    const now = this.now()
    this.#tokens = Math.min(
      this.#burst,
      this.#tokens + ((now - this.#filledAtMs) / 1000) * this.limits.perSecond,
    )
    this.#filledAtMs = now
    for (const visitor of this.#waiting) {
      if (this.#tokens < 1 || this.#pending >= this.limits.maxPending) break
      this.#waiting.delete(visitor)
      this.#tokens--
      this.#pending++
      this.admit(visitor)
    }
    if (this.#waiting.size > 0) this.#timer = setTimeout(() => this.#pump(), pumpMs)
  }
}
