import { Module } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import type { Logger } from '@gridkeeper/service-kit'
import { addFirstAccount, hasAccounts } from '@gridkeeper/store'
import type { Pool } from 'pg'
import type { ApiConfig } from '../config/config.ts'
import { CLOCK, CONFIG, LOGGER, POOL, type Clock } from '../config/tokens.ts'
import { hashPassword } from './password.ts'
import { SessionController } from './session.controller.ts'
import { SessionGuard } from './session.guard.ts'
import { SessionService } from './session.service.ts'

async function ensureFirstAccount(pool: Pool, password: string | null, logger: Logger): Promise<void> {
  if (await hasAccounts(pool)) return
  if (password === null) logger.warn({}, 'there is no account yet; set ADMIN_PASSWORD once to make one')
  else if (await addFirstAccount(pool, 'admin', await hashPassword(password)))
    logger.info({ name: 'admin' }, 'made the first account')
}

@Module({
  controllers: [SessionController],
  providers: [
    {
      provide: SessionService,
      inject: [POOL, CONFIG, LOGGER, CLOCK],
      useFactory: async (pool: Pool, config: ApiConfig, logger: Logger, now: Clock) => {
        await ensureFirstAccount(pool, config.session.adminPassword, logger)
        return new SessionService(pool, config.session.secret, now)
      },
    },
    {
      provide: APP_GUARD,
      inject: [SessionService, CONFIG],
      useFactory: (sessions: SessionService, config: ApiConfig) =>
        new SessionGuard(sessions, config.http.publicOrigin),
    },
  ],
  exports: [SessionService],
})
export class SessionModule {}
