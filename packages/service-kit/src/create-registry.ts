import { collectDefaultMetrics, Registry } from 'prom-client'

export { Counter, Gauge, Histogram, Registry } from 'prom-client'

export interface RegistryOptions {
  /** Node's own metrics (heap, event loop lag, …). Off unless asked for: each costs work on every scrape. */
  readonly withProcessMetrics?: boolean
}

/** The metrics of one service. Each service has its own registry; every series bears `service`. */
export function createRegistry(service: string, options: RegistryOptions = {}): Registry {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  if (options.withProcessMetrics === true) collectDefaultMetrics({ register: registry })
  return registry
}
