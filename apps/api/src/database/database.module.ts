import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common'
import type { Logger } from '@gridkeeper/service-kit'
import { migrate, openStore, type Store } from '@gridkeeper/store'
import type { ApiConfig } from '../config/config.ts'
import { CONFIG, LOGGER, POOL } from '../config/tokens.ts'

const STORE = Symbol('store')

@Global()
@Module({
  providers: [
    {
      provide: STORE,
      inject: [CONFIG, LOGGER],
      useFactory: async (config: ApiConfig, logger: Logger): Promise<Store> => {
        const store = await openStore({
          url: config.databaseUrl,
          applicationName: 'gridkeeper-api',
          onIdleError: (error) => logger.warn({ reason: error.message }, 'an idle database connection broke'),
        })
        const applied = await migrate(store.pool)
        if (applied.length > 0) logger.info({ applied }, 'migrated the database')
        return store
      },
    },
    { provide: POOL, inject: [STORE], useFactory: (store: Store) => store.pool },
  ],
  exports: [POOL],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(@Inject(STORE) private readonly store: Store) {}

  async onApplicationShutdown(): Promise<void> {
    await this.store.close()
  }
}
