import { Module } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import type { Logger } from '@gridkeeper/service-kit'
import { findAccountByName, hasAccounts, setAdminPassword } from '@gridkeeper/store'
import type { Pool } from 'pg'
import type { ApiConfig } from '../config/config.ts'
import { CLOCK, CONFIG, LOGGER, POOL, type Clock } from '../config/tokens.ts'
import { hashPassword, verifyPassword } from './password.ts'
import { SessionController } from './session.controller.ts'
import { SessionGuard } from './session.guard.ts'
import { SessionService } from './session.service.ts'

/** `admin` has the password that the environment says: whoever starts the system with one can log in with it, whatever the database remembers. */
async function ensureAdmin(pool: Pool, password: string | null, logger: Logger): Promise<void> {
  if (password === null) {
    if (!(await hasAccounts(pool))) logger.warn({}, 'there is no account yet; set ADMIN_PASSWORD to make one')
    return
  }
  const admin = await findAccountByName(pool, 'admin')
  if (admin !== null && (await verifyPassword(password, admin.passwordHash))) return
  await setAdminPassword(pool, 'admin', await hashPassword(password))
  logger.info({ name: 'admin', isNew: admin === null }, 'set the password of the administrator')
}

@Module({
  controllers: [SessionController],
  providers: [
    {
      provide: SessionService,
      inject: [POOL, CONFIG, LOGGER, CLOCK],
      useFactory: async (pool: Pool, config: ApiConfig, logger: Logger, now: Clock) => {
        await ensureAdmin(pool, config.session.adminPassword, logger)
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
