import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deviceTopic } from '@gridkeeper/contracts'
import { eventually, freePort, startTestDatabase } from '@gridkeeper/testkit'
import { generate } from 'mqtt-packet'
import pg from 'pg'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** A Mosquitto of the machine with settings of its own. `MOSQUITTO` names another program. */
export class MosquittoRig {
  readonly port: number
  readonly #folder = mkdtempSync(join(tmpdir(), 'gridkeeper-broker-'))
  #child: ChildProcess | undefined

  private constructor(port: number, settings: readonly string[]) {
    this.port = port
    const lines = [
      `listener ${port} 127.0.0.1`,
      'allow_anonymous true',
      'user root',
      `persistence_location ${this.#folder}/`,
      'max_inflight_messages 10000',
      'max_queued_messages 1000000',
      'log_type error',
      ...settings,
    ]
    writeFileSync(join(this.#folder, 'mosquitto.conf'), `${lines.join('\n')}\n`)
  }

  static async start(settings: readonly string[]): Promise<MosquittoRig> {
    const rig = new MosquittoRig(await freePort(), settings)
    await rig.start()
    return rig
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  async start(): Promise<void> {
    const program = process.env['MOSQUITTO'] ?? '/usr/sbin/mosquitto'
    this.#child = spawn(program, ['-c', join(this.#folder, 'mosquitto.conf')], { stdio: 'ignore' })
    await eventually(async () => {
      const socket = connect(this.port, '127.0.0.1')
      await once(socket, 'connect')
      socket.destroy()
    })
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }

  async remove(): Promise<void> {
    await this.end('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** A database with `devices` meters `M-1` …: TEST_DATABASE_URL's server, or an embedded one. */
export async function startDatabase(devices: number) {
  const database = await startTestDatabase()
  const pool = new pg.Pool({ connectionString: database.url, max: 2 })
  return {
    url: database.url,
    pool,
    /** The schema is the gateway's: call it once one runs. */
    register: () =>
      pool.query(
        `with added as (insert into asset (code, name, kind, lon, lat) select 'M-' || n, 'M', 'meter', 120, 30 from generate_series(1, $1::int) n returning id, code)
         insert into device (key, asset_id) select code, id from added`,
        [devices],
      ),
    count: async () =>
      (await pool.query<{ n: number }>('select count(*)::int as n from reading_meter')).rows[0]?.n ?? 0,
    stop: async () => {
      await pool.end()
      await database.stop()
    },
  }
}

/** The gateway as it is built, a client of the broker. */
export async function startGateway(
  databaseUrl: string,
  brokerPort: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<ChildProcess> {
  const child = fork(join(root, 'apps', 'gateway', 'dist', 'main.js'), [], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...process.env,
      LOG_LEVEL: 'error',
      DATABASE_URL: databaseUrl,
      BUS_SECRET: 'the secret of the bus',
      GATEWAY_HTTP_PORT: '0',
      MQTT_URL: `mqtt://127.0.0.1:${brokerPort}`,
      MQTT_CLIENT_ID: 'rig',
      ...settings,
    },
  })
  const [message] = (await once(child, 'message')) as [{ type: string; message?: string }]
  if (message.type !== 'ready') throw new Error(message.message ?? 'the gateway did not start')
  return child
}

export async function stopGateway(
  child: ChildProcess,
  signal: 'SIGKILL' | 'SIGTERM' = 'SIGTERM',
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

/** Wide rows: what a three-phase meter says. */
const reading = (t: number) =>
  `{"t":${t},"v":{"ua":221.3,"ub":220.8,"uc":222.1,"ia":3.41,"ib":2.97,"ic":3.12,"p":2.043,"q":0.311,"pf":0.98,"f":50.01,"kwh":10423.55}}`

/** QoS 1 messages of one device over one connection, a window of them on the way, as fast as they are acknowledged. Counts; keeps nothing. */
export class RawPublisher {
  acknowledged = 0
  sent = 0

  readonly #port: number
  readonly #key: string
  readonly #fromMs: number
  readonly #window: number

  constructor(port: number, key: string, fromMs: number, window: number) {
    this.#port = port
    this.#key = key
    this.#fromMs = fromMs
    this.#window = window
  }

  /** Until `count` are acknowledged, or the connection ends; at most `perSecond`. */
  async run(count: number, perSecond = Infinity): Promise<void> {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true })
    socket.write(
      generate({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clientId: `raw-${this.#key}`,
        clean: true,
        keepalive: 0,
      }),
    )
    let bytes = -4
    const startMs = Date.now()
    const due = () => Math.min(count, ((Date.now() - startMs) * perSecond) / 1000)
    const pace = setInterval(() => bytes >= 0 && this.#send(socket, due()), 20)
    await new Promise<void>((resolve) => {
      socket.on('error', () => undefined)
      socket.on('close', () => {
        clearInterval(pace)
        resolve()
      })
      // A CONNACK of four bytes, then PUBACKs of four bytes each.
      socket.on('data', (chunk) => {
        bytes += chunk.length
        this.acknowledged = Math.max(0, bytes >> 2)
        if (this.acknowledged >= count) socket.end()
        else this.#send(socket, due())
      })
    })
  }

  #send(socket: Socket, due: number): void {
    const parts: Buffer[] = []
    while (this.sent < due && this.sent - this.acknowledged < this.#window) {
      const payload = reading(this.#fromMs + this.sent)
      parts.push(
        generate({
          cmd: 'publish',
          topic: deviceTopic(this.#key, 'readings'),
          payload,
          qos: 1,
          messageId: (this.sent % 65_535) + 1,
          dup: false,
          retain: false,
        }),
      )
      this.sent++
    }
    if (parts.length > 0) socket.write(Buffer.concat(parts))
  }
}
