import { randomBytes } from 'node:crypto'
import { Inject, Injectable } from '@nestjs/common'
import { bus } from '@gridkeeper/contracts'
import type { Logger } from '@gridkeeper/service-kit'
import {
  loadOpenAlarms,
  loadPresentAssets,
  loadPresentKeepers,
  migrate,
  openStore,
  type Store,
} from '@gridkeeper/store'
import { EmbeddedBroker } from './broker/embedded-broker.source.ts'
import { FramePublisher } from './bus/frame-publisher.ts'
import { StatusTeller } from './bus/status-teller.ts'
import type { GatewayConfig } from './config/env.ts'
import { LastMinute, readSample } from './health/last-minute.ts'
import { BufferStopped } from './intake/batch-buffer.ts'
import { BatchCommitter } from './intake/batch-committer.ts'
import type { RawMessage } from './intake/decode-message.ts'
import { DeadLetterRerun } from './intake/dead-letter-rerun.ts'
import { DeviceDirectory } from './intake/device-directory.ts'
import { createIntakeMetrics } from './intake/intake.metrics.ts'
import { IntakeService } from './intake/intake.service.ts'
import { PresentBoard } from './intake/present-board.ts'
import type { ResolvedMessage } from './intake/resolve-message.ts'

export const CONFIG = Symbol('gateway config')
export const LOGGER = Symbol('gateway logger')

/** How long the last commit may take when the gateway stops. */
const lastCommitMs = 6_000

interface Running {
  readonly store: Store
  readonly broker: EmbeddedBroker
  readonly intake: IntakeService
  readonly status: StatusTeller
  readonly minute: LastMinute
  readonly rerun: DeadLetterRerun
}

/**
 * The whole way of a message, from the front door to the bus, in the order of starting: store, directory and board, committer, intake, broker.
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

  get mqttPort(): number {
    return this.#running?.broker.port ?? this.config.mqtt.port
  }

  async start(): Promise<void> {
    const { config, logger } = this
    const store = await openStore({
      url: config.databaseUrl,
      applicationName: 'gridkeeper-gateway',
      onIdleError: (error) => logger.warn({ err: error }, 'an idle database connection broke'),
    })
    try {
      const applied = await migrate(store.pool)
      if (applied.length > 0) logger.info({ applied }, 'schema brought up to date')
      const directory = new DeviceDirectory(store.pool)
      const board = new PresentBoard()
      await directory.reload()
      await loadBoard(store, board, directory)
      const broker: EmbeddedBroker = new EmbeddedBroker({
        ...config.mqtt,
        accept: (raw) => intake.accept(raw),
        metrics: this.#metrics,
        logger,
      })
      const publisher = new FramePublisher(randomBytes(4).toString('hex'), broker)
      const committer = new BatchCommitter(
        store,
        board,
        this.#metrics,
        logger,
        (committed) => publisher.tell(committed),
        (taking) => status.setTaking(taking),
        this.#stopping.signal,
      )
      const intake = new IntakeService(directory, committer, this.#metrics, config.intake)
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
      await broker.start()
      broker.onBus(bus.registry, () => void this.#reloadDirectory(directory))
      const rerun = new DeadLetterRerun(store.pool, intake, directory, this.#metrics, logger)
      rerun.start()
      status.start()
      await minute.start()
      this.#running = { store, broker, intake, status, minute, rerun }
      logger.info(
        { devices: directory.size, appendPath: store.appendPath, mqttPort: broker.port },
        'taking messages',
      )
    } catch (error) {
      await store.close()
      throw error
    }
  }

  async stop(): Promise<void> {
    const running = this.#running
    if (running === null) return
    this.#running = null
    running.broker.stopListening()
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
    await running.broker.stop()
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

  /** null when messages can be taken. */
  async findProblem(): Promise<string | null> {
    if (this.#running === null) return 'not started'
    if (this.#running.intake.isFull) return 'the intake is full'
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

  async #reloadDirectory(directory: DeviceDirectory): Promise<void> {
    try {
      await directory.reload()
      this.logger.info({ devices: directory.size }, 'device registry reloaded')
    } catch (error) {
      this.logger.error(
        { err: error },
        'device registry could not be reloaded; unknown keys are still looked up one by one',
      )
    }
  }
}

async function loadBoard(store: Store, board: PresentBoard, directory: DeviceDirectory): Promise<void> {
  const assets = await loadPresentAssets(store.pool)
  const alarms = await loadOpenAlarms(store.pool)
  const keepers = await loadPresentKeepers(store.pool)
  board.load(assets, (id) => directory.headlineOf(id), alarms, keepers)
}
