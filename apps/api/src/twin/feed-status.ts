import type { FeedStatus, GatewayStatus } from '@gridkeeper/contracts'

/**
 * The chain behind the wall: `down` without the bus or without a gateway on it, `held` while any gateway that is alive does not acknowledge
 * (part of the district is not coming in), otherwise `live`.
 */
export class GatewayBoard {
  readonly #online = new Map<string, GatewayStatus>()
  #isBusConnected = false

  setBus(isConnected: boolean): void {
    this.#isBusConnected = isConnected
    // Statuses are retained: they come again with the next subscription.
    if (!isConnected) this.#online.clear()
  }

  hear(status: GatewayStatus): void {
    if (status.online) this.#online.set(status.gatewayId, status)
    else this.#online.delete(status.gatewayId)
  }

  get state(): FeedStatus['state'] {
    if (!this.#isBusConnected || this.#online.size === 0) return 'down'
    return [...this.#online.values()].every((status) => status.taking) ? 'live' : 'held'
  }
}
