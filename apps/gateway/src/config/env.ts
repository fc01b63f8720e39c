import { z } from 'zod'
import { loadEnv } from '@gridkeeper/service-kit'

const port = z.coerce.number().int().min(0).max(65_535)
const count = z.coerce.number().int().positive()

const schema = z.object({
  DATABASE_URL: z.string().min(1),
  /** Where the embedded broker listens. */
  MQTT_HOST: z.string().default('127.0.0.1'),
  MQTT_PORT: port.default(1883),
  /** Password of the internal bus user; the api has the same. */
  BUS_SECRET: z.string().min(8),
  GATEWAY_HTTP_HOST: z.string().default('127.0.0.1'),
  /** Health, metrics, and messages over HTTP. */
  GATEWAY_HTTP_PORT: port.default(8081),
  /** A batch is closed at so many items … */
  BATCH_MAX_ITEMS: count.default(2_000),
  /** … or so many bytes of payload … */
  BATCH_MAX_BYTES: count.default(8 * 1024 * 1024),
  /** … or so long after its first message. */
  BATCH_LINGER_MS: z.coerce.number().int().nonnegative().default(10),
  /** Items that may wait for a commit; beyond that the gateway stops reading. */
  INTAKE_LIMIT_ITEMS: count.default(50_000),
  INTAKE_LIMIT_BYTES: count.default(64 * 1024 * 1024),
})

export interface GatewayConfig {
  readonly databaseUrl: string
  readonly mqtt: { readonly host: string; readonly port: number; readonly busSecret: string }
  readonly http: { readonly host: string; readonly port: number }
  readonly intake: IntakeLimits
}

export interface IntakeLimits {
  readonly maxItems: number
  readonly maxBytes: number
  readonly lingerMs: number
  readonly limitItems: number
  readonly limitBytes: number
}

/** Reads the settings; lists every problem at once if there are any. */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): GatewayConfig {
  const given = loadEnv(schema, env)
  return {
    databaseUrl: given.DATABASE_URL,
    mqtt: { host: given.MQTT_HOST, port: given.MQTT_PORT, busSecret: given.BUS_SECRET },
    http: { host: given.GATEWAY_HTTP_HOST, port: given.GATEWAY_HTTP_PORT },
    intake: {
      maxItems: given.BATCH_MAX_ITEMS,
      maxBytes: given.BATCH_MAX_BYTES,
      lingerMs: given.BATCH_LINGER_MS,
      limitItems: given.INTAKE_LIMIT_ITEMS,
      limitBytes: given.INTAKE_LIMIT_BYTES,
    },
  }
}
