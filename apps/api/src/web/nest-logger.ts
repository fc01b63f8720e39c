import type { LoggerService } from '@nestjs/common'
import type { Logger } from '@gridkeeper/service-kit'

/** What Nest itself says goes where everything goes; its start-up chatter is for debugging. */
export const nestLogger = (logger: Logger): LoggerService => ({
  log: (message: unknown) => logger.debug({ message }, 'nest'),
  debug: (message: unknown) => logger.debug({ message }, 'nest'),
  verbose: (message: unknown) => logger.debug({ message }, 'nest'),
  warn: (message: unknown) => logger.warn({ message }, 'nest'),
  error: (message: unknown, ...more: unknown[]) => logger.error({ message, more }, 'nest'),
})
