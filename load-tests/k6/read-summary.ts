/** As k6 hands it to `handleSummary`, as far as we read it. */
export interface K6Summary {
  readonly metrics: Readonly<Record<string, K6Metric>>
}
interface K6Metric {
  readonly type: 'counter' | 'gauge' | 'rate' | 'trend'
  readonly values: Readonly<Record<string, number>>
  readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>
}

export interface Threshold {
  readonly metric: string
  readonly rule: string
  readonly isKept: boolean
}

/** One line a threshold: `http_req_duration p(95)<500`. */
export const thresholdsOf = ({ metrics }: K6Summary): Threshold[] =>
  Object.entries(metrics).flatMap(([metric, { thresholds = {} }]) =>
    Object.entries(thresholds).map(([rule, { ok }]) => ({ metric, rule, isKept: ok })),
  )

/** 0 for a counter that nothing was added to: k6 leaves it out. */
export const countOf = ({ metrics }: K6Summary, name: string): number => metrics[name]?.values['count'] ?? 0

/** Milliseconds by quantile, or null for a trend without samples. */
export function latencyOf({ metrics }: K6Summary, name: string) {
  const values = metrics[name]?.values
  if (values === undefined) return null
  const of = (statistic: string) => Math.round((values[statistic] ?? 0) * 10) / 10
  return { medianMs: of('med'), p95Ms: of('p(95)'), p99Ms: of('p(99)'), maxMs: of('max') }
}
