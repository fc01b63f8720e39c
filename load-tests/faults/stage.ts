import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '@gridkeeper/testkit'
import { Concentrator, type ConcentratorOptions } from './concentrator.ts'
import { HttpPublisher } from './http-publisher.ts'
import { openDatabase, type Database, type DatabaseOptions } from './database.ts'
import { DatabaseProxy } from './database-proxy.ts'
import { Ledger, type Device } from './ledger.ts'
import { SteadyLoad } from './load.ts'
import { MemoryWatch } from './memory-watch.ts'
import { makeMessage, type Message } from './message.ts'
import { Program } from './program.ts'
import { login, register } from './registry.ts'
import type { Sizes } from './sizes.ts'

/** What a scenario wants to find when its curtain rises. */
export interface Plan {
  readonly devices: readonly Device[]
  /** Connections that share the devices; one that has its own device each: `devices.length` and `ownLogins`. */
  readonly connections: number
  readonly ownLogins?: boolean
  /** Messages that a connection may have on the way. Default 200. */
  readonly window?: number
  readonly rate: number
  /** The first so many devices post over HTTP instead. Default 0. */
  readonly posters?: number
  readonly repeats?: number
  /** Only the first so many have a part in the steady load. Default: all. */
  readonly loadDevices?: number
  readonly gatewayEnv?: Readonly<Record<string, string>>
  /** Where a device's clock stands when the scenario begins. Default: now. */
  readonly clockOf?: (device: number, nowMs: number) => number
}

export interface StageOptions {
  readonly sizes: Sizes
  readonly database: DatabaseOptions
  /** Relative to the root; another one to see that the oracle finds its fault. */
  readonly gatewayScript: string
}

export interface Phase {
  readonly name: string
  readonly seconds: number
  readonly acknowledged: number
}

/** `proof`: the fault truly happened. `promise`: what the product owes. */
export interface Check {
  readonly what: string
  readonly as: 'proof' | 'promise'
  readonly holds: boolean
  readonly saw: string
}

/** From the end of the fault. Milliseconds; null: not measured. */
export interface Recovery {
  firstAcknowledgementMs: number | null
  backlogGoneMs: number | null
}

/** Of one sender over HTTP. */
const postsAtOnce = 4
const startAttempts = 5
const drainLimitMs = 15 * 60_000
const busSecret = 'the bus of the fault bench'

/**
 * Everything that a scenario needs: a database of its own, the proxy in front of it, a gateway of its own, connections with a ledger, and a book of what
 * happened. All of it is gone after `close`, whatever went wrong.
 */
export class Stage {
  readonly phases: Phase[] = []
  readonly checks: Check[] = []
  /** Further figures, with their units in the names. */
  readonly figures: Record<string, number | string> = {}
  /** What the figures were made of. */
  readonly raw: Record<string, unknown> = {}
  readonly recovery: Recovery = { firstAcknowledgementMs: null, backlogGoneMs: null }
  readonly ledger: Ledger
  readonly concentrators: Concentrator[] = []
  readonly posters: HttpPublisher[] = []
  /** Of all acknowledgements, those by HTTP. */
  acknowledged200 = 0
  readonly fromMs = Date.now()
  /** Told of every acknowledgement, for scenarios that tell senders apart. */
  onLatency: (message: Message, latencyMs: number) => void = () => undefined
  readonly #clocks: number[]
  #gateway: Program | null = null
  #load: SteadyLoad | null = null
  #nextDevice = 0
  #latenciesMs: number[] = []
  #onAcknowledged: (() => void)[] = []

  readonly sizes: Sizes
  readonly plan: Plan
  readonly database: Database
  readonly proxy: DatabaseProxy
  readonly memory: MemoryWatch<'gateway' | 'database'>
  readonly mqttPort: number
  private readonly httpPort: number
  private readonly script: string

  private constructor(
    sizes: Sizes,
    plan: Plan,
    database: Database,
    proxy: DatabaseProxy,
    memory: MemoryWatch<'gateway' | 'database'>,
    mqttPort: number,
    httpPort: number,
    script: string,
  ) {
    this.sizes = sizes
    this.plan = plan
    this.database = database
    this.proxy = proxy
    this.memory = memory
    this.mqttPort = mqttPort
    this.httpPort = httpPort
    this.script = script
    this.ledger = new Ledger(plan.devices)
    this.#clocks = plan.devices.map((_, device) => plan.clockOf?.(device, this.fromMs) ?? this.fromMs)
  }

  static async open({ sizes, database: where, gatewayScript }: StageOptions, plan: Plan): Promise<Stage> {
    const database = await openDatabase(where)
    let stage: Stage | null = null
    try {
      await register(database.url, plan.devices, { ownLogins: plan.ownLogins ?? false })
      const proxy = await DatabaseProxy.start(database.url)
      const memory = new MemoryWatch({
        gateway: () => stage?.gatewayPid ?? null,
        database: () => database.pid,
      })
      stage = new Stage(
        sizes,
        plan,
        database,
        proxy,
        memory,
        await freePort(),
        await freePort(),
        gatewayScript,
      )
      await stage.startGateway()
      for (let at = 0; at < plan.connections; at++) stage.connect(at)
      for (let at = 0; at < (plan.posters ?? 0); at++) stage.#addPoster()
      await stage.until(() => stage?.concentrators.every(({ isUp }) => isUp) ?? false, 60_000, 'all connect')
      return stage
    } catch (error) {
      if (stage === null) await database.dispose()
      else await stage.close()
      throw error
    }
  }

  async close(): Promise<void> {
    this.stopLoad()
    for (const sender of [...this.concentrators, ...this.posters]) sender.close()
    this.memory.stop()
    this.proxy.close()
    try {
      await this.#gateway?.kill()
    } finally {
      await this.database.dispose()
    }
  }

  get gatewayPid(): number | null {
    return this.#gateway === null || this.#gateway.hasEnded ? null : this.#gateway.pid
  }

  /** As whoever watches over a service: a start that fails, e.g. because the database is too busy to answer, is tried again, and told. */
  async startGateway(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#startGatewayOnce()
      } catch (error) {
        if (attempt === startAttempts) throw error
        this.figures['failedStarts'] = Number(this.figures['failedStarts'] ?? 0) + 1
      }
    }
  }

  async #startGatewayOnce(): Promise<void> {
    this.#gateway = await Program.start(this.script, {
      DATABASE_URL: this.proxy.url,
      BUS_SECRET: busSecret,
      MQTT_HOST: '127.0.0.1',
      MQTT_PORT: String(this.mqttPort),
      GATEWAY_HTTP_HOST: '127.0.0.1',
      GATEWAY_HTTP_PORT: String(this.httpPort),
      ...this.plan.gatewayEnv,
    })
  }

  /** `kill -9`; resolves to how it ended. */
  async killGateway(): Promise<string> {
    return (await this.#gateway?.kill()) ?? 'was not running'
  }

  /** One more connection. With logins of their own the device's key is its name. */
  connect(at: number, more: Partial<ConcentratorOptions> = {}): Concentrator {
    const username = this.plan.ownLogins === true ? (this.plan.devices[at]?.key ?? login.name) : login.name
    const concentrator = new Concentrator({
      port: this.mqttPort,
      clientId: `faults-${at}`,
      username,
      password: login.secret,
      window: this.plan.window ?? 200,
      repeats: this.plan.repeats ?? 0,
      onAcknowledged: (message, latencyMs) => {
        this.acknowledge(message)
        this.#latenciesMs.push(latencyMs)
        this.onLatency(message, latencyMs)
      },
      ...more,
    })
    this.concentrators.push(concentrator)
    return concentrator
  }

  #addPoster(): void {
    this.posters.push(
      new HttpPublisher({
        port: this.httpPort,
        username: login.name,
        password: login.secret,
        window: postsAtOnce,
        onAcknowledged: (message) => {
          this.acknowledged200++
          this.acknowledge(message)
        },
      }),
    )
  }

  acknowledge({ device, numbers }: Message): void {
    this.ledger.acknowledge(device, numbers)
    for (const tell of this.#onAcknowledged.splice(0)) tell()
  }

  /** The device's next message, entered into the ledger. */
  next(device: number): Message {
    return this.again(device, this.ledger.next(device))
  }

  /** A message of the ledger, byte for byte. */
  again(device: number, number: number): Message {
    return makeMessage(this.plan.devices, device, number, this.clockOf(device))
  }

  /** What the device's clock said before its first message, UTC ms. */
  clockOf(device: number): number {
    return this.#clocks[device] ?? this.fromMs
  }

  send(message: Message): void {
    const sender = this.posters[message.device] ?? this.concentrators[message.device % this.plan.connections]
    sender?.send(message)
  }

  /** The next device's turn. */
  turn(): number {
    return this.#nextDevice++ % (this.plan.loadDevices ?? this.plan.devices.length)
  }

  startLoad(send: (message: Message) => void = (message) => this.send(message)): void {
    this.#load = new SteadyLoad(this.plan.rate, () => this.next(this.turn()), send)
  }

  stopLoad(): void {
    this.#load?.stop()
  }

  get backlog(): number {
    return [...this.concentrators, ...this.posters].reduce((sum, { backlog }) => sum + backlog, 0)
  }

  get onTheWay(): number {
    return this.concentrators.reduce((sum, { onTheWay }) => sum + onTheWay, 0)
  }

  /** Milliseconds from the first sending to the acknowledgement, since the last call. */
  takeLatenciesMs(): number[] {
    const taken = this.#latenciesMs
    this.#latenciesMs = []
    return taken
  }

  nextAcknowledgement(): Promise<void> {
    return new Promise((resolve) => this.#onAcknowledged.push(resolve))
  }

  /** The sum of a metric of the gateway over all its labels, or one of them; null when there is none of that name. */
  async metric(name: string, label = ''): Promise<number | null> {
    const response = await fetch(`http://127.0.0.1:${this.httpPort}/metrics`)
    const lines = (await response.text())
      .split('\n')
      .filter(
        (line) => line.startsWith(name) && /^[ {]/.test(line.slice(name.length)) && line.includes(label),
      )
    if (lines.length === 0) return null
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
  }

  async phase<T>(name: string, work: () => Promise<T>): Promise<T> {
    const fromMs = performance.now()
    const before = this.ledger.acknowledged
    const result = await work()
    this.phases.push({
      name,
      seconds: Number(((performance.now() - fromMs) / 1000).toFixed(1)),
      acknowledged: this.ledger.acknowledged - before,
    })
    return result
  }

  check(as: Check['as'], what: string, holds: boolean, saw: string | number): void {
    this.checks.push({ as, what, holds, saw: String(saw) })
  }

  /** Load, and nothing else. */
  async steady(send?: (message: Message) => void): Promise<void> {
    await this.phase('steady', async () => {
      this.startLoad(send)
      await sleep(this.sizes.steadySeconds * 1000)
    })
    this.check('proof', 'the load was flowing', this.ledger.acknowledged > 0, this.ledger.acknowledged)
    this.takeLatenciesMs()
  }

  /** The fault has just ended, the load goes on: how long until the first acknowledgement, and until no more waits than half a second of load. */
  async recover(): Promise<void> {
    const endedAtMs = performance.now()
    await this.phase('recovery', async () => {
      await this.nextAcknowledgement()
      this.recovery.firstAcknowledgementMs ??= Math.round(performance.now() - endedAtMs)
      await this.until(() => this.backlog <= this.plan.rate / 2, drainLimitMs, 'the backlog goes')
      this.recovery.backlogGoneMs = Math.round(performance.now() - endedAtMs)
    })
  }

  /** No more load: until everything is acknowledged. */
  async drain(): Promise<void> {
    this.stopLoad()
    await this.phase('drain', () => this.until(() => this.backlog === 0, drainLimitMs, 'all is acknowledged'))
  }

  async until(holds: () => boolean, limitMs: number, what: string): Promise<void> {
    const fromMs = performance.now()
    while (!holds()) {
      if (performance.now() - fromMs > limitMs)
        throw new Error(`waited ${limitMs / 1000} s in vain until ${what}`)
      await sleep(10)
    }
  }
}
