import { pino } from 'pino'
import type { Logger } from 'pino'

export type { Logger }

const levels = new Set(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])

/**
 * JSON lines on stdout, level from LOG_LEVEL (default `info`). Call it object first, constant sentence second:
 * `logger.info({ port }, 'listening')`.
 *
 * The destination is synchronous: the last line before a crash is the one that matters, and nothing here logs per
 * message above debug.
 */
export function createLogger(name: string, level = process.env['LOG_LEVEL']): Logger {
  return pino(
    {
      name,
      level: level !== undefined && levels.has(level) ? level : 'info',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        bindings: ({ name: service }) => ({ name: service }),
      },
    },
    pino.destination({ dest: 1, sync: true }),
  )
}
