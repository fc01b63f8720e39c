import { connectAsync, type IClientOptions, type IClientPublishOptions, type MqttClient } from 'mqtt'
import type { Pool } from 'pg'
import { busUser, deviceTopic, type Channel } from '@gridkeeper/contracts'
import { createLogger } from '@gridkeeper/service-kit'
import { hashToken } from '@gridkeeper/store'
import { readConfig, type GatewayConfig } from './config/env.ts'
import { Gateway } from './gateway.ts'

export const busSecret = 'the secret of the bus'

export const gatewayConfig = (
  databaseUrl: string,
  intake: Partial<GatewayConfig['intake']> = {},
  env: Readonly<Record<string, string>> = {},
): GatewayConfig => {
  const config = readConfig({
    DATABASE_URL: databaseUrl,
    BUS_SECRET: busSecret,
    MQTT_PORT: '0',
    GATEWAY_HTTP_PORT: '0',
    ...env,
  })
  return { ...config, intake: { ...config.intake, ...intake } }
}

/** The login that speaks for all devices of {@link registerDevices}. Its hash costs nothing to check. */
export const testLogin = { username: 'test', password: 'the secret of the tests' }

/** In this process, on a free port. */
export async function startGateway(
  databaseUrl: string,
  intake: Partial<GatewayConfig['intake']> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<Gateway> {
  const gateway = new Gateway(gatewayConfig(databaseUrl, intake, env), createLogger('gateway', 'silent'))
  await gateway.start()
  return gateway
}

/** Never reconnects by itself: a test sees each connection's end. */
export const connect = (port: number, options: IClientOptions = {}): Promise<MqttClient> =>
  connectAsync(
    `mqtt://127.0.0.1:${port}`,
    { ...testLogin, reconnectPeriod: 0, connectTimeout: 5_000, ...options },
    false,
  )

export const connectToBus = (port: number, options: IClientOptions = {}): Promise<MqttClient> =>
  connect(port, { username: busUser, password: busSecret, ...options })

export const closeOf = (client: MqttClient) =>
  new Promise<void>((resolve) => client.once('close', () => resolve()))

/** QoS 1; resolves with the PUBACK. */
export async function send(
  client: MqttClient,
  deviceKey: string,
  channel: Channel,
  content: unknown,
  options: IClientPublishOptions = {},
): Promise<void> {
  const payload =
    content instanceof Uint8Array
      ? Buffer.from(content)
      : typeof content === 'string'
        ? content
        : JSON.stringify(content)
  await client.publishAsync(deviceTopic(deviceKey, channel), payload, { qos: 1, ...options })
}

/** Meters `M-1` to `M-<count>`, and as many covers `C-…` and keepers `K-…`, all spoken for by {@link testLogin}. */
export async function registerDevices(pool: Pool, count: number): Promise<void> {
  await pool.query('insert into device (key, secret_hash) values ($1, $2)', [
    testLogin.username,
    hashToken(testLogin.password),
  ])
  for (const [prefix, kind] of [
    ['M', 'meter'],
    ['C', 'cover'],
  ]) {
    await pool.query(
      `with added as (insert into asset (code, name, kind, lon, lat) select $1 || '-' || n, $1 || n, $2, 120, 30 from generate_series(1, $3::int) n returning id, code)
       insert into device (key, asset_id, via) select code, id, 'test' from added`,
      [prefix, kind, count],
    )
  }
  await pool.query(
    `with added as (insert into keeper (code, name, post) select 'K-' || n, 'keeper', 'keeper' from generate_series(1, $1::int) n returning id, code)
     insert into device (key, keeper_id, via) select code, id, 'test' from added`,
    [count],
  )
}
