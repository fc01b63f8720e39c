/** How the gateway speaks to a broker that is not its own. */
export interface ExternalConfig {
  readonly url: string
  readonly username: string | null
  readonly password: string | null
  readonly caFile: string | null
  readonly certFile: string | null
  readonly keyFile: string | null
  readonly group: string
  /** Gateways of the group share the messages; otherwise each reads all of them. */
  readonly isShared: boolean
  /** Of this gateway among its kind, the same after each start: its sessions at the broker bear it. */
  readonly clientId: string
  readonly topics: readonly string[]
  readonly sessionExpirySeconds: number
  /** In each lane. */
  readonly receiveMaximum: number
  readonly takeOverAfterSeconds: number
}
