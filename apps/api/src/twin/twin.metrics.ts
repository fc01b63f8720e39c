import { Counter, Gauge, type Registry } from '@gridkeeper/service-kit'
import type { Twin } from './twin.ts'

export interface TwinMetrics {
  readonly frames: Counter
  readonly reloads: Counter<'reason'>
  readonly dropped: Counter
  readonly badMessages: Counter
}

export function createTwinMetrics(registry: Registry): TwinMetrics {
  const registers = [registry]
  return {
    frames: new Counter({
      name: 'gk_api_bus_frames_total',
      help: 'Frames that came over the bus',
      registers,
    }),
    reloads: new Counter({
      name: 'gk_api_twin_reloads_total',
      help: 'Reloads of the twin that were asked for, by reason',
      labelNames: ['reason'],
      registers,
    }),
    dropped: new Counter({
      name: 'gk_api_bus_dropped_total',
      help: 'Bus messages dropped because a reload took too long; another reload made up for them',
      registers,
    }),
    badMessages: new Counter({
      name: 'gk_api_bus_bad_messages_total',
      help: 'Bus messages that were not understood',
      registers,
    }),
  }
}

export function gaugeTwin(registry: Registry, twin: Twin): void {
  new Gauge({
    name: 'gk_api_twin_assets',
    help: 'Assets in the twin',
    registers: [registry],
    collect() {
      this.set(twin.assets.size)
    },
  })
  new Gauge({
    name: 'gk_api_twin_strangers',
    help: 'Changes of assets and keepers that the catalogue does not know',
    registers: [registry],
    collect() {
      this.set(twin.strangers)
    },
  })
}
