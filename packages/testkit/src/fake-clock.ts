export interface FakeClock {
  /** Milliseconds since 1970, as `Date.now`. */
  now(): number
  advance(ms: number): void
  set(ms: number): void
}

/** A clock that stands still until told. Pass its `now` where the code under test takes one. */
export function fakeClock(startMs = Date.UTC(2026, 0, 1)): FakeClock {
  let currentMs = startMs
  return {
    now: () => currentMs,
    advance: (ms) => {
      currentMs += ms
    },
    set: (ms) => {
      currentMs = ms
    },
  }
}
