/**
 * Many screens ask for the same panel at the same time: one query serves all who ask while it runs and for a short time after. A failure is
 * shared by those who waited for it and then forgotten.
 */
export class SharedAnswers<Value> {
  readonly #answers = new Map<string, { value: Promise<Value>; untilMs: number }>()
  readonly #keepMs: number
  readonly #maxKept: number
  readonly #now: () => number

  constructor(keepMs: number, now: () => number, maxKept = 500) {
    this.#keepMs = keepMs
    this.#now = now
    this.#maxKept = maxKept
  }

  get(key: string, make: () => Promise<Value>): Promise<Value> {
    const known = this.#answers.get(key)
    if (known !== undefined && known.untilMs > this.#now()) return known.value
    const value = make()
    const answer = { value, untilMs: Infinity }
    this.#answers.delete(key)
    this.#answers.set(key, answer)
    const oldest = this.#answers.keys().next()
    if (this.#answers.size > this.#maxKept && oldest.done !== true) this.#answers.delete(oldest.value)
    value.then(
      () => (answer.untilMs = this.#now() + this.#keepMs),
      () => this.#answers.get(key) === answer && this.#answers.delete(key),
    )
    return value
  }
}
