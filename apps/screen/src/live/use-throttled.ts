import { onScopeDispose, shallowRef, watch, type ShallowRef, type WatchSource } from 'vue'

/** Follows a source at most once in `everyMs`; the last value always arrives. No timer runs while nothing changes. */
export function useThrottled<T>(
  source: WatchSource<T>,
  everyMs: number,
  initial: T,
): Readonly<ShallowRef<T>> {
  const shown = shallowRef(initial) as ShallowRef<T>
  let latest = initial
  let lastMs = -Infinity
  let timer: ReturnType<typeof setTimeout> | null = null

  const show = () => {
    timer = null
    lastMs = performance.now()
    shown.value = latest
  }
  watch(source, (next) => {
    latest = next
    if (timer !== null) return
    const waitMs = lastMs + everyMs - performance.now()
    if (waitMs <= 0) show()
    else timer = setTimeout(show, waitMs)
  })
  onScopeDispose(() => {
    if (timer !== null) clearTimeout(timer)
  })
  return shown
}
