/** A text in the two languages of the product; Chinese is the first. */
export interface Text {
  readonly zh: string
  readonly en: string
}

/** One measured quantity of a kind: a key on the wire and a column of the kind's table, by the same name. */
export interface Metric {
  readonly key: string
  readonly label: Text
  /** Unit of the value on the wire and in the table, e.g. `kW`; empty for a bare number. */
  readonly unit: string
  readonly type: 'number' | 'integer' | 'boolean'
  /** Physical range, inclusive. A value outside is kept and flagged, never dropped. */
  readonly range?: readonly [min: number, max: number]
  /** Digits behind the point when shown. */
  readonly decimals: number
  /** A counter that only grows, and may restart at 0. */
  readonly cumulative?: true
  /** Names of integer values, e.g. the positions of a breaker. */
  readonly names?: Readonly<Record<number, Text>>
}

export type Severity = 'attention' | 'warning' | 'critical'

/** A limit on metrics. Raised at `raise`, cleared only at `clear`: the gap keeps a noisy value from flapping. */
export interface AlarmRule {
  readonly key: string
  readonly label: Text
  readonly severity: Severity
  /** The rule holds when any of these metrics breaks the limit. */
  readonly metrics: readonly string[]
  /** `is` compares for equality (booleans count as 0 and 1) and needs no gap. */
  readonly when: 'above' | 'below' | 'is'
  readonly raise: number
  readonly clear: number
}

export interface Kind {
  /** Stable name: table suffix, API value, i18n key. */
  readonly key: string
  readonly label: Text
  /** Stable number on the binary wire. Never reused. */
  readonly code: number
  /** Key of the symbol the wall draws for it. */
  readonly symbol: string
  readonly metrics: readonly Metric[]
  /** The metric that stands for the asset in frames and lists. */
  readonly headline: string
  /** The metric whose sum over the assets of a grid is the grid's load, kW. */
  readonly loadMetric?: string
  /** Metrics the card draws as its first curve; they share a unit. */
  readonly curve: readonly string[]
  /** An asset not heard of for so long is silent. Milliseconds. */
  readonly silentAfterMs: number
  readonly rules: readonly AlarmRule[]
  /** Its readings come in bulk and one more or less is no danger: when room is short, all but the first of an asset may wait. */
  readonly isBulk?: true
}

export const metricOf = (kind: Kind, key: string): Metric | undefined =>
  kind.metrics.find((metric) => metric.key === key)
