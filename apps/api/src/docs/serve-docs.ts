import type { INestApplication } from '@nestjs/common'
import { SwaggerModule, type OpenAPIObject } from '@nestjs/swagger'
import { listRoutes } from './list-routes.ts'
import { openApi } from './open-api.ts'

/** The page at `/api/docs` with everything it needs from here, the document at `/api/docs-json`. Neither needs a login: they hold no data. */
export function serveDocs(app: INestApplication): void {
  // Nest's type is that of OpenAPI 3.0; the page shows 3.1 as well.
  const document = openApi(listRoutes(app)) as unknown as OpenAPIObject
  SwaggerModule.setup('api/docs', app, document, { jsonDocumentUrl: 'api/docs-json', raw: ['json'] })
}
