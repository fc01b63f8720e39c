import type { Logger } from '@gridkeeper/service-kit'
import { BackgroundWork } from './background-work.ts'
import { Backend } from './backend.ts'
import type { ConnectionLimits } from './client-connection.ts'
import { zeroCounters } from './counters.ts'
import type { EmbeddedCounters } from './counters.ts'
import { openDataDir } from './data-dir.ts'
import type { DataDir } from './data-dir.ts'
import { queryEngine } from './engine-query.ts'
import { openEngine } from './engine.ts'
import type { Engine, EngineTrap } from './engine.ts'
import { syncFileSystem } from './sync-file-system.ts'
import { loadTemplate } from './template-file.ts'
import { defaultUpkeep, Upkeep } from './upkeep.ts'
import type { UpkeepPolicy } from './upkeep.ts'
import { WireServer } from './wire-server.ts'

export interface EmbeddedOptions {
  /** A directory, or `memory://`. */
  readonly dataDir: string
  readonly logger: Logger
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: any free port. */
  readonly port?: number
  /** Asked for in clear text. Default: no password. */
  readonly password?: string
  /** How often due policy jobs are looked for; 0 switches all background work off. Default 5,000. */
  readonly jobIntervalMs?: number
  /** A client that is silent for this long inside its transaction is rolled back and closed. Default 30,000. */
  readonly idleInTransactionMs?: number
  /** Default 100. */
  readonly maxConnections?: number
  /** How long `stop` waits for the transaction that is open. Default 3,000. */
  readonly stopGraceMs?: number
  /** Each commit waits for the disk. Default true. Without it a power cut may damage the data; kill -9 never does. */
  readonly fsync?: boolean
  /** A directory that keeps a fresh cluster, to be copied by the next start on an empty directory. Default: none. */
  readonly templateDir?: string
  readonly limits?: Partial<ConnectionLimits>
  readonly upkeep?: Partial<UpkeepPolicy>
  /** The engine is beyond repair and nothing is served any more. Default: throw, as an uncaught exception. */
  readonly onFatal?: (error: unknown) => void
}

export interface Embedded {
  /** A connection string for `pg`. */
  readonly url: string
  readonly port: number
  counters(): Readonly<EmbeddedCounters>
  stop(): Promise<void>
}

const defaultLimits: ConnectionLimits = {
  inboxBytes: 8 * 1024 * 1024,
  messageBytes: 256 * 1024 * 1024,
  outboxBytes: 16 * 1024 * 1024,
}

// A trap is recovered from as Postgres recovers from a crashed backend; a storm of them is not.
const trapsForgivenPerMinute = 3

/** @throws StartError for a taken port, a directory in use */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { logger, host = '127.0.0.1', fsync = true, jobIntervalMs = 5000 } = options
  const counters = zeroCounters()
  const dataDir = openDataDir(options.dataDir)
  const open = async (template?: Blob) =>
    openEngine({ directory: dataDir.clusterPath, fsync, ...(template === undefined ? {} : { template }) })
  const recoverEngine = () => {
    if (fsync && dataDir.clusterPath !== undefined) syncFileSystem(dataDir.clusterPath)
    return open()
  }
  const fail = options.onFatal ?? throwLater

  let engine: Engine | undefined
  let isStopping = false
  const trapsAtMs: number[] = []

  const recover = async (trap: EngineTrap) => {
    logger.error({ err: trap }, 'the database engine stopped on an internal error')
    engine = undefined
    counters.engineRestarts += 1
    trapsAtMs.push(Date.now())
    const recent = trapsAtMs.filter((atMs) => atMs > Date.now() - 60_000).length
    if (isStopping) return
    if (dataDir.clusterPath === undefined || recent > trapsForgivenPerMinute) return fail(trap)
    try {
      engine = await recoverEngine()
      server.open(new Backend(engine))
      logger.info({}, 'the database engine has recovered')
    } catch (error) {
      fail(error)
    }
  }

  const server = new WireServer({
    logger,
    counters,
    password: options.password,
    maxConnections: options.maxConnections ?? 100,
    idleInTransactionMs: options.idleInTransactionMs ?? 30_000,
    limits: { ...defaultLimits, ...options.limits },
    onTrap: (trap) => void recover(trap),
  })

  let port: number
  try {
    port = await server.listen(host, options.port ?? 0)
    const startedMs = performance.now()
    if (dataDir.isFresh) engine = await open(await loadTemplate(options.templateDir))
    else engine = await (dataDir.wasKilled ? recoverEngine() : open())
    const backend = new Backend(engine)
    if (dataDir.isFresh) finishCreation(engine, dataDir, fsync)
    server.open(backend)
    logger.info(
      { host, port, isFresh: dataDir.isFresh, openMs: Math.round(performance.now() - startedMs) },
      'the embedded database is open',
    )
  } catch (error) {
    await server.close(0)
    await engine?.close()
    dataDir.release()
    throw error
  }

  const background =
    jobIntervalMs > 0
      ? new BackgroundWork({
          server,
          upkeep: new Upkeep({ ...defaultUpkeep, ...options.upkeep }, Date.now),
          intervalMs: jobIntervalMs,
          counters,
          logger,
        })
      : undefined

  const stop = async () => {
    isStopping = true
    await server.close(options.stopGraceMs ?? 3000)
    await background?.stop()
    if (engine !== undefined) {
      queryEngine(engine, 'checkpoint')
      await engine.close()
    }
    dataDir.release()
  }
  let stopped: Promise<void> | undefined

  const credentials =
    options.password === undefined ? 'postgres' : `postgres:${encodeURIComponent(options.password)}`
  return {
    url: `postgres://${credentials}@${host.includes(':') ? `[${host}]` : host}:${port}/postgres`,
    port,
    counters: () => ({ ...counters, waiting: server.waitingCount }),
    stop: () => (stopped ??= stop()),
  }
}

function finishCreation(engine: Engine, dataDir: DataDir, fsync: boolean): void {
  queryEngine(engine, 'checkpoint')
  if (fsync && dataDir.clusterPath !== undefined) syncFileSystem(dataDir.clusterPath)
  dataDir.markComplete()
}

function throwLater(error: unknown): void {
  setImmediate(() => {
    throw error
  })
}
