import { hostname } from 'node:os'
import { z } from 'zod'
import { loadEnv } from '@gridkeeper/service-kit'
import { isProxy } from '../door/client-address.ts'
import type { DoorLimits } from '../door/device-door.ts'
import type { RateLimits } from '../door/device-rates.ts'
import type { BanLimits } from '../door/login-limiter.ts'
import type { ExternalConfig } from '../external/external-config.ts'
import { defaultTopics } from '../external/lanes.ts'

const port = z.coerce.number().int().min(0).max(65_535)
const count = z.coerce.number().int().positive()
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== ''),
)
/** A stranger may say so many at once: one message of each of the topics of a small device. */
const strangerBurst = 10

/** A level of a topic or a client id, in what every broker takes. */
const brokerName = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,100}$/, 'letters, digits, dots, dashes and underscores only')

const schema = z.object({
  DATABASE_URL: z.string().min(1),
  /** Where devices and our own processes connect. */
  MQTT_HOST: z.string().default('127.0.0.1'),
  MQTT_PORT: port.default(1883),
  /** Password of the internal bus user; the api has the same. */
  BUS_SECRET: z.string().min(8),
  GATEWAY_HTTP_HOST: z.string().default('127.0.0.1'),
  /** Health, metrics, and messages over HTTP. */
  GATEWAY_HTTP_PORT: port.default(8081),
  /** Proxies whose `X-Forwarded-For` is believed, addresses or networks, with commas. */
  GATEWAY_TRUSTED_PROXIES: list
    .default([])
    .refine((entries) => entries.every(isProxy), 'addresses or networks'),
  /** All connections, those that wait to be let in included. */
  MQTT_MAX_CONNECTIONS: count.default(25_000),
  /** So many connections a second are let in; the others wait unread. */
  MQTT_CONNECT_RATE: count.default(500),
  /** So many may be on their way to a login at once. */
  MQTT_MAX_PENDING_LOGINS: count.default(1_000),
  MQTT_CONNECT_TIMEOUT_MS: count.default(10_000),
  /** The largest CONNECT, with its will. */
  MQTT_PRE_LOGIN_BYTES: count.default(4_096),
  /** A payload over 64 KiB becomes a dead letter; a packet over this is not even read, and its connection ends. */
  MQTT_MAX_PACKET_BYTES: count.max(268_435_455).default(1024 * 1024),
  /** Messages of a connection that may wait for their commit. */
  DEVICE_INFLIGHT: count.default(1_000),
  /** Bytes of all connections that may wait for their commit. */
  DEVICE_INFLIGHT_BYTES: count.default(128 * 1024 * 1024),
  /** Messages a second of each device key … */
  DEVICE_RATE: z.coerce.number().positive().default(100),
  /** … and so many at once after a rest. */
  DEVICE_BURST: count.default(2_000),
  STRANGER_CONNECTIONS: z.coerce.number().int().nonnegative().default(200),
  STRANGER_RATE: z.coerce.number().positive().default(1),
  /** Wrong secrets of an address until it is banned … */
  BAN_AFTER: count.default(20),
  /** … within so long … */
  BAN_WINDOW_MS: count.default(10 * 60_000),
  /** … and for so long. */
  BAN_MS: count.default(10 * 60_000),
  /** Device keys that register themselves when they first log in, with commas; `*` at the end stands for anything. */
  OPEN_REGISTRATION: list.default([]),
  /** A batch is closed at so many items … */
  BATCH_MAX_ITEMS: count.default(5_000),
  /** … or so many bytes of payload … */
  BATCH_MAX_BYTES: count.default(8 * 1024 * 1024),
  /** … or so long after its first message. */
  BATCH_LINGER_MS: z.coerce.number().int().nonnegative().default(10),
  /** Items that may wait for a commit; beyond that the gateway stops reading. */
  INTAKE_LIMIT_ITEMS: count.default(50_000),
  INTAKE_LIMIT_BYTES: count.default(64 * 1024 * 1024),

  /** An external broker, whose client the gateway is, instead of its own: mqtt, mqtts, ws or wss. */
  MQTT_URL: z.url({ protocol: /^(mqtts?|wss?)$/, hostname: /./ }).optional(),
  /** Otherwise those in MQTT_URL; otherwise the bus user and BUS_SECRET. */
  MQTT_USERNAME: z.string().optional(),
  MQTT_PASSWORD: z.string().optional(),
  MQTT_CA_FILE: z.string().optional(),
  MQTT_CERT_FILE: z.string().optional(),
  MQTT_KEY_FILE: z.string().optional(),
  /** Gateways of one group share the messages. */
  MQTT_GROUP: brokerName.default('gridkeeper'),
  /** `false`: this gateway reads everything, whatever others do. */
  MQTT_SHARED: z.enum(['true', 'false']).default('true'),
  /** The same after each start, another one in each gateway. */
  MQTT_CLIENT_ID: brokerName.default(`gridkeeper-${hostname().replace(/[^A-Za-z0-9._-]/g, '-')}`),
  /** Comma-separated; default: what our decoders understand. */
  MQTT_TOPICS: z.string().optional(),
  /** How long the broker keeps what comes while this gateway is away. */
  MQTT_SESSION_EXPIRY_S: z.coerce.number().int().min(60).max(0xffff_ffff).default(86_400),
  /** Messages in flight in each of the lanes for events, readings and fixes; default: two batches, one that is committed and one that gathers. */
  MQTT_RECEIVE_MAXIMUM: count.max(65_535).optional(),
  /** A gateway away for so long has its sessions emptied by another. */
  MQTT_TAKEOVER_S: z.coerce.number().int().min(1).default(30),
})

export interface GatewayConfig {
  readonly databaseUrl: string
  readonly mqtt: { readonly host: string; readonly port: number; readonly busSecret: string }
  /** Null: the gateway has its own broker. */
  readonly external: ExternalConfig | null
  readonly http: { readonly host: string; readonly port: number }
  readonly intake: IntakeLimits
  readonly door: DoorLimits
  readonly rates: RateLimits
  readonly bans: BanLimits
  readonly openRegistration: readonly string[]
  readonly trustedProxies: readonly string[]
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
    external: given.MQTT_URL === undefined ? null : externalOf(given.MQTT_URL, given),
    http: { host: given.GATEWAY_HTTP_HOST, port: given.GATEWAY_HTTP_PORT },
    intake: {
      maxItems: given.BATCH_MAX_ITEMS,
      maxBytes: given.BATCH_MAX_BYTES,
      lingerMs: given.BATCH_LINGER_MS,
      limitItems: given.INTAKE_LIMIT_ITEMS,
      limitBytes: given.INTAKE_LIMIT_BYTES,
    },
    door: {
      maxConnections: given.MQTT_MAX_CONNECTIONS,
      connectRate: given.MQTT_CONNECT_RATE,
      maxPendingLogins: given.MQTT_MAX_PENDING_LOGINS,
      connectTimeoutMs: given.MQTT_CONNECT_TIMEOUT_MS,
      preLoginBytes: given.MQTT_PRE_LOGIN_BYTES,
      maxPacketBytes: given.MQTT_MAX_PACKET_BYTES,
      inflight: given.DEVICE_INFLIGHT,
      inflightBytes: given.DEVICE_INFLIGHT_BYTES,
      strangerConnections: given.STRANGER_CONNECTIONS,
    },
    rates: {
      device: { perSecond: given.DEVICE_RATE, burst: given.DEVICE_BURST },
      stranger: { perSecond: given.STRANGER_RATE, burst: strangerBurst },
    },
    bans: { after: given.BAN_AFTER, windowMs: given.BAN_WINDOW_MS, banMs: given.BAN_MS },
    openRegistration: given.OPEN_REGISTRATION,
    trustedProxies: given.GATEWAY_TRUSTED_PROXIES,
  }
}

const externalOf = (url: string, given: z.output<typeof schema>): ExternalConfig => ({
  url,
  username: given.MQTT_USERNAME ?? null,
  password: given.MQTT_PASSWORD ?? null,
  caFile: given.MQTT_CA_FILE ?? null,
  certFile: given.MQTT_CERT_FILE ?? null,
  keyFile: given.MQTT_KEY_FILE ?? null,
  group: given.MQTT_GROUP,
  isShared: given.MQTT_SHARED === 'true',
  clientId: given.MQTT_CLIENT_ID,
  topics:
    given.MQTT_TOPICS?.split(',')
      .map((topic) => topic.trim())
      .filter((topic) => topic !== '') ?? defaultTopics,
  sessionExpirySeconds: given.MQTT_SESSION_EXPIRY_S,
  receiveMaximum: given.MQTT_RECEIVE_MAXIMUM ?? Math.min(2 * given.BATCH_MAX_ITEMS, 65_535),
  takeOverAfterSeconds: given.MQTT_TAKEOVER_S,
})
