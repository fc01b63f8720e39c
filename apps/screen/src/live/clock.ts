import { shallowRef, type ShallowRef } from 'vue'

/** The server's clock as far as this machine can tell; differences under two seconds are left alone. */
let skewMs = 0
const now = shallowRef(Date.now())
let timer: ReturnType<typeof setTimeout> | null = null

export const serverNow = (): number => Date.now() + skewMs

export function setServerTime(baseMs: number, arrivedMs: number): void {
  const measured = baseMs - arrivedMs
  if (Math.abs(measured - skewMs) > 2_000) skewMs = measured
}

function tick() {
  now.value = serverNow()
  timer = setTimeout(tick, 1_000 - (now.value % 1_000) + 5)
}

/** Ticks once a second, on the second; the only timer that reaches the page while nothing happens. */
export function useNow(): Readonly<ShallowRef<number>> {
  if (timer === null) tick()
  return now
}
