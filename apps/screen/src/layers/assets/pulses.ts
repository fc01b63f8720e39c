/** A new alarm sends out rings for ten seconds and then stands. Pure: what to draw at an instant. */
export const pulseMs = 10_000
const beatMs = 2_000

export interface Pulse {
  readonly index: number
  readonly startMs: number
}

/** So many at once: more would be a blinking wall, and none would be seen. */
export const mostPulses = 24

/** Adds the newest and drops the oldest beyond the limit; an asset pulses once at a time. */
export function addPulses(pulses: readonly Pulse[], indexes: readonly number[], nowMs: number): Pulse[] {
  const fresh = new Set(indexes)
  const kept = pulses.filter(({ index }) => !fresh.has(index))
  return [...kept, ...[...fresh].map((index) => ({ index, startMs: nowMs }))].slice(-mostPulses)
}

export const livePulses = (pulses: readonly Pulse[], nowMs: number): Pulse[] =>
  pulses.filter(({ startMs }) => nowMs - startMs < pulseMs)

/** Size as a multiple of the mark, and opacity. With less motion wanted the ring stands still for the ten seconds. */
export function pulseVisual(
  ageMs: number,
  isStill: boolean,
): { readonly scale: number; readonly alpha: number } {
  if (ageMs < 0 || ageMs >= pulseMs) return { scale: 1, alpha: 0 }
  if (isStill) return { scale: 1.9, alpha: 0.8 }
  const t = (ageMs % beatMs) / beatMs
  const eased = 1 - (1 - t) ** 2
  return { scale: 1 + 2.2 * eased, alpha: 0.9 * (1 - t) }
}
