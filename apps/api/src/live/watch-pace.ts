import type { Root } from './live-hub.ts'

const shortestMs = 250

/** Each `watch` costs a snapshot. A client that asks again and again gets the last thing it asked for, four times a second. */
export class WatchPace {
  readonly #watch: (root: Root) => void
  #wanted: { root: Root } | null = null
  #timer: NodeJS.Timeout | undefined

  constructor(watch: (root: Root) => void) {
    this.#watch = watch
  }

  ask(root: Root): void {
    this.#wanted = { root }
    if (this.#timer === undefined) this.#serve()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#wanted = null
  }

  #serve(): void {
    this.#timer = undefined
    if (this.#wanted === null) return
    this.#watch(this.#wanted.root)
    this.#wanted = null
    this.#timer = setTimeout(() => this.#serve(), shortestMs)
    this.#timer.unref()
  }
}
