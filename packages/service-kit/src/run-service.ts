import type { Logger } from 'pino'
import { ConfigError } from './config-error.ts'
import { StartError } from './start-error.ts'

export interface RunningService {
  /** Told to the parent process with `ready`, e.g. the port that was chosen. */
  readonly ready?: Record<string, unknown>
  readonly stop: () => Promise<void>
}

export interface ServiceDefinition {
  readonly name: string
  readonly logger: Logger
  readonly start: () => Promise<RunningService>
  readonly stopTimeoutMs?: number
}

/** What a forked service tells its parent. */
export type ServiceMessage =
  | ({ readonly type: 'ready' } & Record<string, unknown>)
  | { readonly type: 'failed'; readonly message: string }

/**
 * Runs one process from start to exit code.
 *
 *   starting  — `start()` runs. A failure: told over IPC, on stderr, exit 1. A signal: stop as soon as it has started.
 *   running   — announced. A signal or a vanished parent leads to stopping.
 *   stopping  — `stop()` runs, at most `stopTimeoutMs`. Exit 0; 1 when it failed or took too long. A second signal
 *               ends at once with 1.
 *
 * An uncaught error in any mode is logged as the last words and ends with 1: state after it is unknown.
 */
export function runService(definition: ServiceDefinition): void {
  const { name, logger, start, stopTimeoutMs = 10_000 } = definition
  let running: RunningService | undefined
  let stopCause: string | undefined

  const lastWords = (kind: string) => (error: unknown) => {
    logger.fatal({ err: error, kind }, 'ended by an unexpected error')
    process.exit(1)
  }
  process.on('uncaughtException', lastWords('uncaughtException'))
  process.on('unhandledRejection', lastWords('unhandledRejection'))

  const stop = async (service: RunningService) => {
    logger.info({ cause: stopCause }, 'stopping')
    const force = setTimeout(() => {
      logger.error({ stopTimeoutMs }, 'did not stop in time and was ended by force')
      process.exit(1)
    }, stopTimeoutMs)
    try {
      await service.stop()
    } catch (error) {
      logger.error({ err: error }, 'failed to stop cleanly')
      process.exit(1)
    }
    clearTimeout(force)
    logger.info({ cause: stopCause }, 'stopped')
    process.exit(0)
  }

  const requestStop = (cause: string) => {
    if (stopCause !== undefined) {
      // A vanished parent after its own signal is one request, not an impatient second one.
      if (cause === 'parent-gone' || stopCause === 'parent-gone') return
      logger.warn({ cause }, 'asked to stop again and ended at once')
      process.exit(1)
    }
    stopCause = cause
    if (running !== undefined) void stop(running)
  }
  process.on('SIGINT', () => requestStop('SIGINT'))
  process.on('SIGTERM', () => requestStop('SIGTERM'))
  if (process.send !== undefined) process.on('disconnect', () => requestStop('parent-gone'))

  start().then(
    (service) => {
      running = service
      if (stopCause !== undefined) return stop(service)
      logger.info(withoutPasswords(service.ready), 'ready')
      return tell({ ...service.ready, type: 'ready' })
    },
    async (error: unknown) => {
      const message = startFailureMessage(error)
      logger.fatal({ err: error }, 'failed to start')
      process.stderr.write(`${name}: ${message}\n`)
      await tell({ type: 'failed', message })
      process.exit(1)
    },
  )
}

/** One sentence for the operator. A stack helps only where we did not foresee the failure; the log has it then. */
export function startFailureMessage(error: unknown): string {
  if (error instanceof StartError || error instanceof ConfigError) return error.message
  return error instanceof Error ? `failed to start: ${error.message}` : `failed to start: ${String(error)}`
}

/** A connection string may be told to the parent whole; the log keeps no secrets. */
export function withoutPasswords(ready: Record<string, unknown> = {}): Record<string, unknown> {
  const masked = (value: unknown) =>
    typeof value === 'string' ? value.replace(/(:\/\/[^:@/]*):[^@/]*@/g, '$1:***@') : value
  return Object.fromEntries(Object.entries(ready).map(([name, value]) => [name, masked(value)]))
}

/** Resolves once the parent's pipe has taken the message, so that an exit right after does not cut it. */
async function tell(message: ServiceMessage): Promise<void> {
  if (process.send === undefined || !process.connected) return
  // The parent may vanish between the check and the write; there is nobody left to tell then.
  await new Promise<void>((resolve) => process.send?.(message, () => resolve()))
}
