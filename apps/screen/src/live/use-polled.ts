import { onScopeDispose, shallowRef, watch, type ShallowRef, type WatchSource } from 'vue'
import { getJson, type Query, type Schema } from './api-client.ts'

export interface Polled<T> {
  /** Null until the first answer. A later failure keeps the answer before; its age tells. */
  readonly data: Readonly<ShallowRef<T | null>>
  readonly answeredAtMs: Readonly<ShallowRef<number | null>>
  readonly hasFailed: Readonly<ShallowRef<boolean>>
  reload(): void
}

export interface PolledOptions<T> {
  readonly path: () => string | null
  readonly schema: Schema<T>
  readonly query?: () => Query
  /** Absent: only when the path or the query changes, or on `reload`. */
  readonly everyMs?: number
  /** Asks again soon after one of these changes. */
  readonly after?: readonly WatchSource[]
  /** How long `after` waits, so that a burst is one question. */
  readonly settleMs?: number
}

/** One question to the api, asked again now and then; a hidden page asks nothing until it is seen again. */
export function usePolled<T>(options: PolledOptions<T>): Polled<T> {
  const data = shallowRef<T | null>(null) as ShallowRef<T | null>
  const answeredAtMs = shallowRef<number | null>(null)
  const hasFailed = shallowRef(false)
  let abort: AbortController | null = null
  let timer: ReturnType<typeof setTimeout> | null = null
  let dueMs = Infinity
  /** A question came due while nobody looked. */
  let isOwed = false

  const plan = (waitMs: number) => {
    const at = performance.now() + waitMs
    if (timer !== null && at >= dueMs) return
    if (timer !== null) clearTimeout(timer)
    dueMs = at
    timer = setTimeout(() => {
      timer = null
      dueMs = Infinity
      if (document.hidden) isOwed = true
      else void ask()
    }, waitMs)
  }

  async function ask() {
    const path = options.path()
    abort?.abort()
    if (path === null) return
    const mine = (abort = new AbortController())
    try {
      const answer = await getJson(path, options.schema, options.query?.() ?? {}, mine.signal)
      if (mine !== abort) return
      data.value = answer
      answeredAtMs.value = Date.now()
      hasFailed.value = false
    } catch {
      if (mine.signal.aborted) return
      hasFailed.value = true
    }
    if (options.everyMs !== undefined) plan(options.everyMs)
  }

  const seen = () => {
    if (document.hidden || !isOwed) return
    isOwed = false
    void ask()
  }
  document.addEventListener('visibilitychange', seen)

  watch(
    () => [options.path(), JSON.stringify(options.query?.() ?? {})],
    ([path], before) => {
      if (before && before[0] !== path) data.value = null
      void ask()
    },
    { immediate: true },
  )
  if (options.after) watch([...options.after], () => plan(options.settleMs ?? 3_000))

  onScopeDispose(() => {
    document.removeEventListener('visibilitychange', seen)
    abort?.abort()
    if (timer !== null) clearTimeout(timer)
  })
  return { data, answeredAtMs, hasFailed, reload: () => void ask() }
}
