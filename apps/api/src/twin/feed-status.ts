import type { FeedStatus, GatewayStatus } from '@gridkeeper/contracts'

/** Gateways that said goodbye are remembered for whoever asks; each start of one has another name. */
const maxGone = 32

const sheddingOrder = ['nothing', 'fixes', 'readings'] as const

/**
 * The chain behind the wall: `down` without the bus or without a gateway on it, `held` while any gateway that is alive does not acknowledge
 * (part of the district is not coming in), otherwise `live`. What is shed is what the gateway sheds that has the least room.
 */
export class GatewayBoard {
  readonly #gateways = new Map<string, GatewayStatus>()
  #isBusConnected = false

  setBus(isConnected: boolean): void {
    this.#isBusConnected = isConnected
    // Statuses are retained: they come again with the next subscription.
    if (!isConnected) this.#gateways.clear()
  }

  hear(status: GatewayStatus): void {
    this.#gateways.delete(status.gatewayId)
    this.#gateways.set(status.gatewayId, status)
    const gone = this.all.filter(({ online }) => !online)
    for (const { gatewayId } of gone.slice(0, Math.max(0, gone.length - maxGone)))
      this.#gateways.delete(gatewayId)
  }

  /** Last heard last. */
  get all(): readonly GatewayStatus[] {
    return [...this.#gateways.values()]
  }

  get state(): FeedStatus['state'] {
    const online = this.#online
    if (!this.#isBusConnected || online.length === 0) return 'down'
    return online.every((status) => status.taking) ? 'live' : 'held'
  }

  get shedding(): FeedStatus['shedding'] {
    const worst = Math.max(0, ...this.#online.map(({ shedding }) => sheddingOrder.indexOf(shedding)))
    return sheddingOrder[worst] ?? 'nothing'
  }

  get #online(): readonly GatewayStatus[] {
    return this.all.filter(({ online }) => online)
  }
}
