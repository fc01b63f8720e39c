import { refused, type Decoded, type Decoder, type Undecoded } from '../decoder.ts'
import { foreignKey } from '../foreign-key.ts'
import { sizeOf, step, unheard, type NodeState, type Said } from './node-state.ts'
import { readPayload } from './payload.ts'
import {
  commandTopic,
  isSparkplugTopic,
  parseSparkplugTopic,
  type SparkplugTopic,
  type SpokenType,
} from './topic.ts'

export interface HostLimits {
  readonly maxNodes: number
  /** Of all nodes together. */
  readonly maxMetrics: number
}

const defaultLimits: HostLimits = { maxNodes: 2_000, maxMetrics: 300_000 }

interface Remembered {
  readonly state: NodeState
  /** How many it has: counted anew only when a birth or a death has changed them. */
  readonly metrics: number
}

const nothing: Decoded = { deviceKey: null, items: [], rejections: [], isList: false }

/**
 * A host of Sparkplug B 3.0: it remembers what each edge node's births have named, since data may come with numbers instead of names. What it remembers is
 * bounded; the node that has been silent longest is forgotten first, and tells its names again when it speaks.
 *
 * Each login has its own view of an edge node: nobody can change the names, or tell the death, of another's.
 *
 * Device keys: `sparkplug:<group>:<edge node>` and `sparkplug:<group>:<edge node>:<device>`.
 */
export class SparkplugHost implements Decoder {
  readonly name = 'sparkplug'
  readonly matches = isSparkplugTopic
  /** The one heard last stands last. */
  readonly #nodes = new Map<string, Remembered>()
  #metrics = 0

  constructor(private readonly limits: HostLimits = defaultLimits) {}

  readonly decode = ({ topic, bytes, receivedAtMs, login }: Undecoded): Decoded => {
    const address = parseSparkplugTopic(topic)
    // A host's state, and commands, are not said to us.
    if (address === null || address.type === 'NCMD' || address.type === 'DCMD') return nothing
    const payload = readPayload(bytes)
    if (payload === null)
      return refused(keyOf(address, address.device), 'undecodable', 'not a payload of Sparkplug B')
    const type: SpokenType = address.type
    const id = `${login ?? ''}\n${address.group}/${address.edge}`
    const { state, said, asksRebirth } = step(this.#nodes.get(id)?.state ?? unheard, {
      type,
      device: address.device,
      payload,
      nowMs: receivedAtMs,
    })
    this.#remember(id, state)
    const [first, ...others] = said
    return {
      ...toDecoded(address, first),
      ...(others.length === 0 ? {} : { others: others.map((other) => toDecoded(address, other)) }),
      ...(asksRebirth ? { rebirth: commandTopic(address) } : {}),
    }
  }

  #remember(id: string, state: NodeState): void {
    const before = this.#nodes.get(id)
    const isLearnt = before?.state.names !== state.names || before.state.devices !== state.devices
    const metrics = isLearnt ? sizeOf(state) : before.metrics
    this.#nodes.delete(id)
    this.#nodes.set(id, { state, metrics })
    this.#metrics += metrics - (before?.metrics ?? 0)
    for (const [oldest, { metrics: freed }] of this.#nodes) {
      if (this.#nodes.size <= this.limits.maxNodes && this.#metrics <= this.limits.maxMetrics) break
      if (oldest === id) break
      this.#nodes.delete(oldest)
      this.#metrics -= freed
    }
  }
}

const keyOf = ({ group, edge }: SparkplugTopic, device: string | null): string | null =>
  foreignKey('sparkplug', group, edge, ...(device === null ? [] : [device]))

const toDecoded = (address: SparkplugTopic, { device, items, rejection }: Said): Decoded => ({
  deviceKey: keyOf(address, device),
  items,
  rejections: rejection === null ? [] : [rejection],
  isList: false,
})
