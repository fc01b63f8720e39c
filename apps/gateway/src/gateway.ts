import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { Inject, Injectable } from '@nestjs/common'
import { bus, type RefusalReason as Refusal } from '@gridkeeper/contracts'
import type { Logger } from '@gridkeeper/service-kit'
import {
  loadOpenAlarms,
  loadPresentAssets,
  loadPresentKeepers,
  migrate,
  openStore,
  registerLogin,
  type Store,
} from '@gridkeeper/store'
import { EmbeddedBus } from './bus/embedded-bus.ts'
import { FramePublisher } from './bus/frame-publisher.ts'
import { StatusTeller } from './bus/status-teller.ts'
import type { GatewayConfig } from './config/env.ts'
import { DeviceDoor, type DoorOptions } from './door/device-door.ts'
import { DeviceRates } from './door/device-rates.ts'
import { EmbeddedDoor } from './door/embedded-door.ts'
import { HttpDoor } from './door/http-door.ts'
import { LoginLimiter } from './door/login-limiter.ts'
import { Logins } from './door/logins.ts'
import { rebirthCommand } from './decoders/sparkplug/payload.ts'
import { ExternalBroker } from './external/external-broker.source.ts'
import { createExternalMetrics } from './external/external.metrics.ts'
import type { FrontDoor } from './front-door.ts'
import { LastMinute, readSample } from './health/last-minute.ts'
import { BufferStopped } from './intake/batch-buffer.ts'
import { BatchCommitter } from './intake/batch-committer.ts'
import type { RawMessage } from './intake/decode-message.ts'
import { DeadLetterRerun } from './intake/dead-letter-rerun.ts'
import { DeviceDirectory } from './intake/device-directory.ts'
import { createIntakeMetrics } from './intake/intake.metrics.ts'
import { IntakeService } from './intake/intake.service.ts'
import { PresentBoard, type Judge } from './intake/present-board.ts'
import type { ResolvedMessage } from './intake/resolve-message.ts'
import { SharedJudge } from './intake/shared-judge.ts'
import { RegistryWatch } from './registry-watch.ts'

export const CONFIG = Symbol('gateway config')
export const LOGGER = Symbol('gateway logger')

/** How long the last commit may take when the gateway stops. */
const lastCommitMs = 6_000

interface Running {
  readonly store: Store
  readonly door: FrontDoor
  readonly http: HttpDoor
  readonly watch: RegistryWatch
  readonly intake: IntakeService
  readonly status: StatusTeller
  readonly minute: LastMinute
  readonly rerun: DeadLetterRerun
}

/**
 * The whole way of a message, from the front door to the bus, in the order of starting: store, directory and board, bus, committer, intake, door.
 * It stops the other way round: the door closes first, what was taken is committed and acknowledged, then the rest goes.
 */
@Injectable()
export class Gateway {
  readonly #metrics = createIntakeMetrics()
  readonly #stopping = new AbortController()
  #running: Running | null = null

  constructor(
    @Inject(CONFIG) private readonly config: GatewayConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Where devices find its own broker; 0 before it listens, and behind an external broker. */
  get mqttPort(): number {
    return this.#running?.door.port ?? 0
  }

  async start(): Promise<void> {
    const { config, logger } = this
    const store = await openStore({
      url: config.databaseUrl,
      applicationName: 'gridkeeper-gateway',
      onIdleError: (error) => logger.warn({ err: error }, 'an idle database connection broke'),
    })
    const directory = new DeviceDirectory(store.pool)
    const watch = new RegistryWatch(store.pool, directory, () => this.#running?.door.recheck?.(), logger)
    try {
      const applied = await migrate(store.pool)
      if (applied.length > 0) logger.info({ applied }, 'schema brought up to date')
      await watch.start()
      const judge = config.external === null ? await loadBoard(store, directory) : new SharedJudge()
      const gatewayId = randomBytes(4).toString('hex')
      const publisher = new FramePublisher(gatewayId, {
        publish: (topic, payload, retain) => door.publish(topic, payload, retain),
      })
      const committer = new BatchCommitter(
        store,
        judge,
        this.#metrics,
        logger,
        (committed) => publisher.tell(committed),
        (taking) => status.setTaking(taking),
        this.#stopping.signal,
      )
      const intake: IntakeService = new IntakeService(
        directory,
        committer,
        this.#metrics,
        config.intake,
        (topic) => door.sendCommand(topic, Buffer.from(rebirthCommand(Date.now()))),
      )
      const status = new StatusTeller(
        (said) => publisher.tellStatus(said),
        () => intake.shedding,
      )
      const minute = new LastMinute(
        () => {
          intake.readGauges()
          return readSample(this.#metrics.registry, Date.now())
        },
        (told) => status.setMinute(told),
      )
      const logins = new Logins({
        directory,
        busSecret: config.mqtt.busSecret,
        openRegistration: config.openRegistration,
        lookAgain: () => watch.look(),
        register: (key, secretHash) => registerLogin(store.pool, key, secretHash),
      })
      const bans = new LoginLimiter(config.bans)
      const rates = new DeviceRates(config.rates, directory)
      const guard = { directory, logins, bans, rates }
      const door: FrontDoor =
        config.external === null
          ? this.#makeOwnDoor(guard, intake)
          : new ExternalBroker({
              config: config.external,
              busSecret: config.mqtt.busSecret,
              gatewayId,
              accept: (raw) => intake.accept(raw),
              metrics: createExternalMetrics(this.#metrics.registry),
              logger,
            })
      const http = new HttpDoor(logins, bans, rates, (reason) => this.#metrics.refusals.inc({ reason }))
      await door.start()
      door.onBus(bus.registry, () => void watch.look())
      const rerun = new DeadLetterRerun(store.pool, intake, directory, this.#metrics, logger)
      rerun.start()
      status.start()
      await minute.start()
      this.#running = { store, door, http, watch, intake, status, minute, rerun }
      logger.info(
        { devices: directory.size, appendPath: store.appendPath, mqttPort: door.port },
        'taking messages',
      )
    } catch (error) {
      await watch.stop()
      await store.close()
      throw error
    }
  }

  /** An external broker lets its devices in itself; our own does it by the registry. */
  #makeOwnDoor(guard: Pick<DoorOptions, 'directory' | 'logins' | 'bans' | 'rates'>, intake: IntakeService) {
    const { config, logger } = this
    const internal = new EmbeddedBus(logger)
    const door = new DeviceDoor({
      ...config.mqtt,
      ...guard,
      limits: config.door,
      take: (raw, answer) => intake.take(raw, answer),
      handOver: (socket) => internal.adopt(socket),
      metrics: this.#metrics,
      logger,
    })
    return new EmbeddedDoor(door, internal)
  }

  async stop(): Promise<void> {
    const running = this.#running
    if (running === null) return
    this.#running = null
    running.door.stopListening()
    await running.watch.stop()
    const force = setTimeout(() => {
      this.#stopping.abort(new Error('the gateway stops'))
      running.intake.abandon()
    }, lastCommitMs)
    await running.rerun.stop()
    await running.intake.stop()
    clearTimeout(force)
    running.minute.stop()
    running.status.stop()
    // The acknowledgements of the last commit and the last status are written in this turn; the sockets go after it.
    await new Promise((resolve) => setTimeout(resolve, 50))
    await running.door.stop()
    await running.store.close()
  }

  /**
   * What a front door beside the broker brings; resolves after the commit. Throws when nothing is taken: not running, stopping, or full.
   */
  async accept(raw: RawMessage): Promise<ResolvedMessage> {
    const intake = this.#running?.intake
    if (intake === undefined) throw new BufferStopped('the gateway is not running')
    return intake.accept(raw)
  }

  /** Who may post; null while the gateway is not running. */
  get http(): HttpDoor | null {
    return this.#running?.http ?? null
  }

  /** A device that speaks MQTT over WebSocket. */
  receiveStream(stream: Duplex, address: string): void {
    const door = this.#running?.door
    if (door?.receive === undefined) stream.destroy()
    else door.receive(stream, address)
  }

  countRefusal(reason: Refusal): void {
    this.#metrics.refusals.inc({ reason })
  }

  /** null when messages can be taken. */
  async findProblem(): Promise<string | null> {
    if (this.#running === null) return 'not started'
    if (this.#running.intake.isFull) return 'the intake is full'
    if (this.#running.door.problem !== null) return this.#running.door.problem
    try {
      await this.#running.store.pool.query('select 1')
      return null
    } catch (error) {
      return `the database does not answer: ${error instanceof Error ? error.message : String(error)}`
    }
  }

  readMetrics(): Promise<string> {
    this.#running?.intake.readGauges()
    return this.#metrics.registry.metrics()
  }
}

async function loadBoard(store: Store, directory: DeviceDirectory): Promise<Judge> {
  const board = new PresentBoard()
  const assets = await loadPresentAssets(store.pool)
  const alarms = await loadOpenAlarms(store.pool)
  const keepers = await loadPresentKeepers(store.pool)
  board.load(assets, (id) => directory.headlineOf(id), alarms, keepers)
  return board
}
