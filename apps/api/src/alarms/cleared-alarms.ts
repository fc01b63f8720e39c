import type { Alarm } from '@gridkeeper/contracts'

/** So many ends are remembered: minutes of a storm, while two words of one alarm cross within seconds. */
const maxRemembered = 10_000

/**
 * One gateway may clear what another has raised, and what they say comes over two connections: the end may be heard before the beginning. An alarm that has
 * ended never opens again (a new one has a new id), so a beginning after its end is not news.
 */
export class ClearedAlarms {
  readonly #ids = new Set<number>()

  /** Those that are news, in their order. */
  sift(alarms: readonly Alarm[]): readonly Alarm[] {
    const news = alarms.filter(({ id, clearedAtMs }) => clearedAtMs !== null || !this.#ids.has(id))
    for (const { id, clearedAtMs } of alarms) if (clearedAtMs !== null) this.#remember(id)
    return news
  }

  #remember(id: number): void {
    this.#ids.add(id)
    if (this.#ids.size <= maxRemembered) return
    const oldest = this.#ids.values().next().value
    if (oldest !== undefined) this.#ids.delete(oldest)
  }
}
