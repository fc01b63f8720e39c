import { get } from 'sparkplug-payload'
import type { Decoded } from '../decoder.ts'
import { nowMs } from '../decoder.trial.ts'
import { SparkplugHost, type HostLimits } from './sparkplug-host.ts'
import type { SpokenType } from './topic.ts'

const foreign = get('spBv1.0')
if (foreign === null || foreign === undefined) throw new Error('sparkplug-payload knows no spBv1.0')
export const { encodePayload, decodePayload } = foreign
export type EdgeMetric = NonNullable<Parameters<typeof encodePayload>[0]['metrics']>[number]

/** The eyes of the tests: an edge node that encodes with somebody else's library, and the host under test. */
export class Bench {
  readonly host: SparkplugHost
  nowMs = nowMs

  constructor(limits?: HostLimits) {
    this.host = new SparkplugHost(limits)
  }

  hear(
    type: SpokenType,
    seq: number | null,
    metrics: readonly EdgeMetric[],
    {
      device = type.startsWith('D') ? 'M1' : null,
      edge = 'e1',
      login = 'gw' as string | null,
      timestamp = nowMs,
    } = {},
  ): Decoded {
    const payload = { timestamp, metrics: [...metrics], ...(seq === null ? {} : { seq }) }
    return this.hearBytes(type, encodePayload(payload), { device, edge, login })
  }

  hearBytes(
    type: SpokenType,
    bytes: Uint8Array,
    { device = null as string | null, edge = 'e1', login = 'gw' as string | null } = {},
  ): Decoded {
    const topic = `spBv1.0/g/${type}/${edge}${device === null ? '' : `/${device}`}`
    return this.host.decode({ topic, bytes, receivedAtMs: this.nowMs, login })
  }

  nodeBirth(bdSeq = 0, metrics: readonly EdgeMetric[] = []) {
    return this.hear('NBIRTH', 0, [bdSeqMetric(bdSeq), ...metrics])
  }

  nodeDeath(bdSeq = 0) {
    return this.hear('NDEATH', null, [bdSeqMetric(bdSeq)])
  }

  /** A device with `Ua` under alias 1 and `P` under alias 2. */
  deviceBirth(seq = 1, device = 'M1') {
    return this.hear('DBIRTH', seq, [ua(221.3, 'Ua'), p(1.25, 'P')], { device })
  }
}

const bdSeqMetric = (value: number): EdgeMetric => ({ name: 'bdSeq', type: 'UInt64', value })
export const ua = (value: number | null, name?: string): EdgeMetric => ({
  ...(name === undefined ? {} : { name }),
  alias: 1,
  type: 'Float',
  value,
})
export const p = (value: number | null, name?: string): EdgeMetric => ({
  ...(name === undefined ? {} : { name }),
  alias: 2,
  type: 'Double',
  value,
})
