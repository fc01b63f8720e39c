import type { IncomingMessage } from 'node:http'
import type { Logger } from '@gridkeeper/service-kit'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import compression from 'compression'
import type { NextFunction, Request, Response } from 'express'
import { AppModule } from './app.module.ts'
import type { ApiConfig } from './config/config.ts'
import { listRoutes, type Route } from './docs/list-routes.ts'
import { serveDocs } from './docs/serve-docs.ts'
import { nestLogger } from './web/nest-logger.ts'
import { ProblemFilter } from './web/problem.filter.ts'
import { serveScreen } from './web/screen-files.ts'

export interface RunningApi {
  readonly port: number
  /** What it serves, for its tests. */
  routes(): Route[]
  stop(): Promise<void>
}

/** The import reads its own, larger body, after the login was checked. */
const importPath = '/api/import'

/** Builds the app and listens. Rejects with the server's own error if the port is taken. */
export async function startApi(config: ApiConfig, logger: Logger): Promise<RunningApi> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.with(config, logger), {
    logger: nestLogger(logger),
    bodyParser: false,
    abortOnError: false,
    forceCloseConnections: true,
  })
  try {
    app.disable('x-powered-by')
    app.use(securityHeaders)
    app.use(compression())
    app.useBodyParser('json', {
      limit: '100kb',
      type: (request) => isJson(request) && request.url !== importPath,
    })
    useScreen(app, config.screenDir, logger)
    app.useGlobalFilters(new ProblemFilter(logger))
    serveDocs(app)
    await app.listen(config.http.port, config.http.host)
  } catch (error) {
    await app.close()
    throw error
  }
  const address = app.getHttpServer().address() as { port: number }
  return { port: address.port, routes: () => listRoutes(app), stop: () => app.close() }
}

const isJson = ({ headers }: IncomingMessage) =>
  headers['content-type']?.startsWith('application/json') === true

function useScreen(app: NestExpressApplication, directory: string | null, logger: Logger): void {
  if (directory === null) return
  const handler = serveScreen(directory)
  if (handler === null) logger.warn({ directory }, 'SCREEN_DIR holds no built screen, so none is served')
  else app.use(handler)
}

function securityHeaders(_: Request, response: Response, next: NextFunction): void {
  response.set({
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'SAMEORIGIN',
    'Referrer-Policy': 'same-origin',
  })
  next()
}
