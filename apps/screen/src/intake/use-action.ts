import { shallowRef } from 'vue'
import { ApiError } from '../live/api-client.ts'

/** Why something could not be done: the server's stable code, and its own words. */
export interface Problem {
  readonly code: string
  readonly message: string
}

/** One thing done at a time; what went wrong stays in sight until the next try. */
export function useAction() {
  const isBusy = shallowRef(false)
  const problem = shallowRef<Problem | null>(null)
  async function run<T>(action: () => Promise<T>): Promise<T | null> {
    if (isBusy.value) return null
    isBusy.value = true
    problem.value = null
    try {
      return await action()
    } catch (error) {
      problem.value =
        error instanceof ApiError
          ? { code: error.code, message: error.message }
          : { code: 'unexpected', message: error instanceof Error ? error.message : String(error) }
      return null
    } finally {
      isBusy.value = false
    }
  }
  return { isBusy, problem, run }
}
