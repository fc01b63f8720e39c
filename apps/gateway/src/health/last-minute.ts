import type { GatewayMinute } from '@gridkeeper/contracts'
import type { Registry } from '@gridkeeper/service-kit'

/** All counters at one instant: name → label value (empty: none) → value. Of a histogram, its buckets by their upper bound. */
export interface Sample {
  readonly atMs: number
  readonly values: ReadonlyMap<string, ReadonlyMap<string, number>>
}

/** Every metric of the registry; of several labels the first counts. */
export async function readSample(registry: Registry, atMs: number): Promise<Sample> {
  const values = new Map<string, Map<string, number>>()
  for (const { name, values: list } of await registry.getMetricsAsJSON()) {
    for (const value of list) {
      const { metricName = name } = value as { metricName?: string }
      const { service: _, ...labels } = value.labels as Readonly<Record<string, string | number>>
      const label = String(Object.values(labels).at(0) ?? '')
      const known = values.get(metricName) ?? new Map<string, number>()
      values.set(metricName, known.set(label, value.value))
    }
  }
  return { atMs, values }
}

/** What happened between two samples; gauges as they stand in the later one. */
export function minuteBetween(from: Sample, to: Sample): GatewayMinute {
  const now = (name: string, label = '') => to.values.get(name)?.get(label) ?? 0
  const by = (name: string): Record<string, number> => {
    const before = from.values.get(name)
    const grown = [...(to.values.get(name) ?? [])].map(
      ([label, value]) => [label, value - (before?.get(label) ?? 0)] as const,
    )
    return Object.fromEntries(grown.filter(([label, count]) => label !== '' && count > 0))
  }
  const grown = (name: string) => now(name) - (from.values.get(name)?.get('') ?? 0)
  return {
    seconds: (to.atMs - from.atMs) / 1000,
    messages: grown('gk_messages_total'),
    rows: by('gk_rows_total'),
    batches: grown('gk_batches_total'),
    retries: grown('gk_commit_retries_total'),
    ackP50Ms: quantileMs(0.5, from, to),
    ackP99Ms: quantileMs(0.99, from, to),
    shed: by('gk_shed_total'),
    refusals: by('gk_refusals_total'),
    deadLetters: by('gk_dead_letters_total'),
    waitingItems: now('gk_intake_waiting_items'),
    waitingBytes: now('gk_intake_waiting_bytes'),
    connections: now('gk_broker_connections'),
  }
}

/** By linear interpolation within the bucket, as Prometheus does; in the last, endless bucket its lower bound. */
function quantileMs(quantile: number, from: Sample, to: Sample): number | null {
  const before = from.values.get('gk_ack_seconds_bucket')
  const buckets = [...(to.values.get('gk_ack_seconds_bucket') ?? [])]
    .map(([bound, count]) => ({
      upper: bound === '+Inf' ? Infinity : Number(bound),
      count: count - (before?.get(bound) ?? 0),
    }))
    .sort((a, b) => a.upper - b.upper)
  const wanted = (buckets.at(-1)?.count ?? 0) * quantile
  if (wanted === 0) return null
  let lower = { upper: 0, count: 0 }
  for (const bucket of buckets) {
    if (bucket.count >= wanted) {
      if (bucket.upper === Infinity) return lower.upper * 1000
      const part = (wanted - lower.count) / (bucket.count - lower.count)
      return (lower.upper + (bucket.upper - lower.upper) * part) * 1000
    }
    lower = bucket
  }
  return null
}

const everyMs = 5_000
const keptSamples = 60_000 / everyMs + 1

/** Keeps a sample each five seconds, and tells the last minute as it moves on. */
export class LastMinute {
  readonly #samples: Sample[] = []
  #timer: NodeJS.Timeout | null = null

  constructor(
    private readonly sample: () => Promise<Sample>,
    private readonly tell: (minute: GatewayMinute) => void,
  ) {}

  async start(): Promise<void> {
    this.#samples.push(await this.sample())
    this.#timer = setInterval(() => void this.step(), everyMs)
  }

  async step(): Promise<void> {
    this.#samples.push(await this.sample())
    if (this.#samples.length > keptSamples) this.#samples.shift()
    const [first] = this.#samples
    const last = this.#samples.at(-1)
    if (first !== undefined && last !== undefined) this.tell(minuteBetween(first, last))
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }
}
