import 'reflect-metadata'
import { createLogger } from '@gridkeeper/service-kit'
import type { ApiConfig } from '../config/config.ts'
import type { Route } from '../docs/list-routes.ts'
import { startApi } from '../start-api.ts'

export const adminLogin = { name: 'admin', password: 'correct horse' }

export interface TestApi {
  readonly url: string
  /** A request as the admin, with HTTP Basic. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  routes(): Route[]
  stop(): Promise<void>
}

/** The whole app on a free port. */
export async function startTestApi(
  databaseUrl: string,
  busUrl: string,
  changes: Partial<ApiConfig> = {},
): Promise<TestApi> {
  const config: ApiConfig = {
    databaseUrl,
    bus: { url: busUrl, secret: 'bus-secret' },
    http: { host: '127.0.0.1', port: 0, publicOrigin: null },
    screenDir: null,
    session: { secret: 'x'.repeat(32), adminPassword: adminLogin.password },
    live: { maxScreens: 100 },
    ...changes,
  }
  const api = await startApi(config, createLogger('api', 'warn'))
  const url = `http://127.0.0.1:${api.port}`
  return {
    url,
    fetch: (path, init) =>
      fetch(url + path, { ...init, headers: { ...basic(adminLogin), ...init?.headers } }),
    routes: api.routes,
    stop: api.stop,
  }
}

export const basic = ({ name, password }: { name: string; password: string }): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
})
