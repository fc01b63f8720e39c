import { Counter, Gauge, type Registry } from '@gridkeeper/service-kit'

export const LIVE_METRICS = Symbol('live metrics')

export interface LiveMetrics {
  readonly frames: Counter
  readonly frameBytes: Counter
  readonly snapshots: Counter
  readonly fellBehind: Counter
  readonly refused: Counter<'reason'>
}

export function createLiveMetrics(registry: Registry): LiveMetrics {
  const counter = (name: string, help: string) => new Counter({ name, help, registers: [registry] })
  return {
    frames: counter('gk_api_live_frames_total', 'Frames made, each once for all watchers of its stream'),
    frameBytes: counter('gk_api_live_frame_bytes_total', 'Bytes of these frames'),
    snapshots: counter('gk_api_live_snapshots_total', 'Snapshots sent, at a start or after falling behind'),
    fellBehind: counter(
      'gk_api_live_fell_behind_total',
      'Times a client had too much unseen and was left alone',
    ),
    refused: new Counter({
      name: 'gk_api_live_refused_total',
      help: 'Connections refused, by reason',
      labelNames: ['reason'],
      registers: [registry],
    }),
  }
}

export function gaugeConnections(registry: Registry, count: () => number): void {
  new Gauge({
    name: 'gk_api_live_connections',
    help: 'Clients connected to the live stream',
    registers: [registry],
    collect() {
      this.set(count())
    },
  })
}
