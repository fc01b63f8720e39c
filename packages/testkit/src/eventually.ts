import { setTimeout as delay } from 'node:timers/promises'

export interface EventuallyOptions {
  readonly timeoutMs?: number
  readonly intervalMs?: number
}

/** Calls `attempt` until it does not throw and gives its result; after `timeoutMs` its last error is thrown. */
export async function eventually<Result>(
  attempt: () => Result | Promise<Result>,
  { timeoutMs = 5000, intervalMs = 20 }: EventuallyOptions = {},
): Promise<Result> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (performance.now() >= deadline) throw error
    }
    await delay(intervalMs)
  }
}
