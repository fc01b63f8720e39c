import type { DecodedItem } from './decoder.ts'

/** What was measured at one instant; without a time the arrival counts. */
export interface Sample {
  readonly t?: number
  readonly v: Readonly<Record<string, unknown>>
}

/** One reading for each instant, in the order in which the instants were first named; at one instant the later word counts. Samples that say nothing are none. */
export function readingsByTime(samples: readonly Sample[]): readonly DecodedItem[] {
  const byTime = new Map<number | undefined, Record<string, unknown>>()
  for (const { t, v } of samples) {
    if (Object.keys(v).length === 0) continue
    const said = byTime.get(t)
    if (said === undefined) byTime.set(t, { ...v })
    else Object.assign(said, v)
  }
  return Array.from(byTime, ([t, v]) => ({
    channel: 'readings',
    payload: { ...(t === undefined ? {} : { t }), v },
  }))
}
