import { randomBytes } from 'node:crypto'
import { deviceTopic } from '@gridkeeper/contracts'
import { connectAsync, ErrorWithReasonCode } from 'mqtt'
import type { MqttClient } from 'mqtt'
import type { FrontDoor } from './front-door.ts'
import { Tally } from './front-door.ts'

export interface BrokerAccess {
  readonly url: string
  readonly username?: string
  readonly password?: string
  /** Called when the login is refused while the connections live; they go on trying, slowly. */
  readonly onRefused?: (reason: string) => void
}

/** The broker is there and does not take this login. */
export class LoginRefusedError extends Error {
  readonly code = 'login-refused'
}

/** Soon after a broker that is away, patiently after one that refuses: wrong logins in a row get an address banned. */
const reconnectMs = 500
const refusedReconnectMs = 15_000
/** CONNACK of MQTT 3.1.1 (4, 5) and of MQTT 5: bad user name or password, not authorised, banned. */
const refusals = new Set([4, 5, 134, 135, 138])

const isRefusal = (error: unknown) => error instanceof ErrorWithReasonCode && refusals.has(error.code)

export interface BrokerPool extends FrontDoor {
  /** Waits until everything is acknowledged, at most so long, and hangs up. Resolves with what was still open. */
  readonly close: (drainMs: number) => Promise<number>
}

/**
 * A few MQTT connections at QoS 1 for all devices. A device always uses the same one, so its messages stay in order. While the
 * broker is away MQTT.js keeps what is unacknowledged and sends it again; whoever publishes looks at `inFlight` and waits.
 */
export async function openBrokerPool(access: BrokerAccess, size = 8): Promise<BrokerPool> {
  const { url, username, password, onRefused } = access
  const name = randomBytes(4).toString('hex')
  const clients: MqttClient[] = await Promise.all(
    Array.from({ length: size }, (_, i) =>
      connectAsync(
        url,
        {
          clientId: `gk-sim-${name}-${i}`,
          ...(username === undefined ? {} : { username }),
          ...(password === undefined ? {} : { password }),
          reconnectPeriod: reconnectMs,
          connectTimeout: 10_000,
        },
        false,
      ),
    ),
  ).catch((error: unknown) => {
    throw isRefusal(error) ? new LoginRefusedError(refusalOf(username, error)) : error
  })
  for (const client of clients) {
    client.on('connect', () => (client.options.reconnectPeriod = reconnectMs))
    // Any other reason is in the reconnect; without a listener an error event would end the process.
    client.on('error', (error) => {
      if (!isRefusal(error)) return
      client.options.reconnectPeriod = refusedReconnectMs
      onRefused?.(refusalOf(username, error))
    })
  }
  const tally = new Tally()
  let inFlight = 0
  let idle: (() => void) | undefined

  return {
    inFlight: () => inFlight,
    counts: () => tally,
    publish: (deviceKey, channel, items) =>
      new Promise((resolve) => {
        const count = Array.isArray(items) ? items.length : 1
        inFlight++
        tally.sent[channel] += count
        const client = clients[connectionOf(deviceKey, clients.length)]!
        client.publish(deviceTopic(deviceKey, channel), JSON.stringify(items), { qos: 1 }, (error) => {
          inFlight--
          tally[error ? 'failed' : 'acknowledged'][channel] += count
          if (inFlight === 0) idle?.()
          resolve(!error)
        })
      }),
    close: async (drainMs) => {
      if (inFlight > 0) {
        let timer: NodeJS.Timeout | undefined
        await Promise.race([
          new Promise<void>((resolve) => (idle = resolve)),
          new Promise<void>((resolve) => (timer = setTimeout(resolve, drainMs))),
        ])
        clearTimeout(timer)
      }
      const open = inFlight
      await Promise.all(clients.map((client) => client.endAsync(true)))
      return open
    },
  }
}

function connectionOf(deviceKey: string, count: number): number {
  let h = 0
  for (let i = 0; i < deviceKey.length; i++) h = (Math.imul(h, 31) + deviceKey.charCodeAt(i)) | 0
  return (h >>> 0) % count
}

const refusalOf = (username: string | undefined, error: unknown) =>
  `the broker refuses ${username === undefined ? 'a connection without a login' : `the login ${username}`} (${error instanceof Error ? error.message : String(error)}): is its secret right?`
