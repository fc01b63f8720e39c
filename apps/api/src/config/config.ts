import type { Env } from './env.ts'

/** The settings, grouped by who reads them. */
export interface ApiConfig {
  readonly databaseUrl: string
  readonly bus: { readonly url: string; readonly secret: string }
  readonly http: { readonly host: string; readonly port: number; readonly publicOrigin: string | null }
  readonly screenDir: string | null
  readonly session: { readonly secret: string; readonly adminPassword: string | null }
  readonly live: { readonly maxScreens: number }
}

export const toConfig = (env: Env): ApiConfig => ({
  databaseUrl: env.DATABASE_URL,
  bus: { url: env.BUS_URL, secret: env.BUS_SECRET },
  http: { host: env.HTTP_HOST, port: env.HTTP_PORT, publicOrigin: originOf(env.PUBLIC_ORIGIN) },
  screenDir: env.SCREEN_DIR ?? null,
  session: { secret: env.SESSION_SECRET, adminPassword: env.ADMIN_PASSWORD ?? null },
  live: { maxScreens: env.MAX_SCREENS },
})

const originOf = (url: string | undefined) => (url === undefined ? null : new URL(url).origin)
