import { Counter, Gauge, type Registry } from '@gridkeeper/service-kit'

export function createExternalMetrics(registry: Registry) {
  const registers = [registry]
  return {
    inFlight: new Gauge({
      name: 'gk_external_in_flight',
      help: 'Messages of the external broker that are taken and not yet committed, by lane',
      labelNames: ['lane'],
      registers,
    }),
    window: new Gauge({
      name: 'gk_external_window',
      help: 'Messages that may be in flight in each lane',
      registers,
    }),
    up: new Gauge({
      name: 'gk_external_up',
      help: 'Connections to the external broker that are up, by lane',
      labelNames: ['lane'],
      registers,
    }),
    busDropped: new Counter({
      name: 'gk_external_bus_dropped_total',
      help: 'Messages to the bus that were not sent, the broker being away or too slow',
      registers,
    }),
    takeovers: new Counter({
      name: 'gk_external_takeovers_total',
      help: 'Sessions of gateways that stayed away, emptied by this one',
      registers,
    }),
  }
}

export type ExternalMetrics = ReturnType<typeof createExternalMetrics>
