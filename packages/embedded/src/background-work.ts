import type { Logger } from '@gridkeeper/service-kit'
import type { EmbeddedCounters } from './counters.ts'
import { QueryFailure } from './engine-query.ts'
import { findDueJob, runJob } from './job-schedule.ts'
import type { Upkeep } from './upkeep.ts'
import type { WireServer } from './wire-server.ts'

export interface BackgroundWorkOptions {
  readonly server: WireServer
  readonly upkeep: Upkeep
  readonly intervalMs: number
  readonly counters: EmbeddedCounters
  readonly logger: Logger
}

/**
 * The engine has no background workers, so this does their work: every `intervalMs` the due policy jobs, one to a turn
 * so that clients get theirs between two jobs, then one step of upkeep. Nothing here is fatal.
 */
export class BackgroundWork {
  readonly #options: BackgroundWorkOptions
  #timer: NodeJS.Timeout | undefined
  #isStopped = false
  #round: Promise<void> = Promise.resolve()

  constructor(options: BackgroundWorkOptions) {
    this.#options = options
    this.#plan()
  }

  /** Resolves when the step that runs now is done; no other begins. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    await this.#round
  }

  #plan(): void {
    if (this.#isStopped) return
    this.#timer = setTimeout(() => {
      this.#round = this.#runRound().then(() => this.#plan())
    }, this.#options.intervalMs)
  }

  async #runRound(): Promise<void> {
    const { server, upkeep, counters, logger } = this.#options
    try {
      while (!this.#isStopped && (await this.#runOneJob()));
      if (this.#isStopped) return
      if (await server.exclusive(({ engine }) => upkeep.checkpointIfDue(engine))) counters.checkpoints += 1
      const table = await server.exclusive(({ engine }) => upkeep.vacuumIfDue(engine))
      if (table !== undefined) {
        counters.tablesVacuumed += 1
        logger.debug({ table }, 'vacuumed')
      }
    } catch (error) {
      const code = error instanceof QueryFailure ? error.code : undefined
      logger.warn({ err: error, code }, 'background work failed and will be tried again')
    }
  }

  /** False when no job is due. */
  async #runOneJob(): Promise<boolean> {
    const { server, counters, logger } = this.#options
    const job = await server.exclusive(({ engine }) => findDueJob(engine))
    if (job === undefined || this.#isStopped) return false
    const { outcome, durationMs } = await server.exclusive(({ engine }) => {
      const startedMs = performance.now()
      return { outcome: runJob(engine, job.id), durationMs: performance.now() - startedMs }
    })
    counters.jobsRun += 1
    counters.jobLagMsLast = job.lagMs
    counters.jobDurationMsTotal += durationMs
    const report = { job: job.id, name: job.name, durationMs: Math.round(durationMs), lagMs: job.lagMs }
    if (outcome.ok) {
      logger.info(report, 'ran a policy job')
    } else {
      counters.jobsFailed += 1
      logger.warn({ ...report, code: outcome.code, reason: outcome.message }, 'a policy job failed')
    }
    return true
  }
}
