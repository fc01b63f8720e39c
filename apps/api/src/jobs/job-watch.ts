import type { Logger } from '@gridkeeper/service-kit'
import type { JobLag } from '@gridkeeper/store'
import type { JobMetrics } from './jobs.metrics.ts'

const everyMs = 30_000

/** Asks now and then how far the database's background jobs are behind. Not at each scrape: a database that hangs must not take `/metrics` with it. */
export class JobWatch {
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> = Promise.resolve()

  constructor(
    private readonly read: () => Promise<JobLag[]>,
    private readonly metrics: JobMetrics,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.#looking = this.look().then(() => {
      this.#timer = setTimeout(() => this.start(), everyMs).unref()
    })
  }

  async stop(): Promise<void> {
    await this.#looking
    clearTimeout(this.#timer)
  }

  /** What is not known is not told: after a failure the series are absent, and no old figure stands for the present. */
  async look(): Promise<void> {
    const { lag, failing } = this.metrics
    let jobs: JobLag[] = []
    try {
      jobs = await this.read()
    } catch (error) {
      this.logger.warn({ err: error }, 'the lag of the background jobs is not known')
    }
    lag.reset()
    failing.reset()
    for (const { job, lagSeconds, failing: count } of jobs) {
      lag.set({ job }, lagSeconds)
      failing.set({ job }, count)
    }
  }
}
