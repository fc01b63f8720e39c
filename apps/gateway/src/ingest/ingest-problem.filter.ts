import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common'
import type { Problem } from '@gridkeeper/contracts'
import type { Logger } from '@gridkeeper/service-kit'
import { LOGGER } from '../gateway.ts'

interface Response {
  readonly headersSent: boolean
  status(code: number): Response
  set(name: string, value: string): Response
  json(body: unknown): void
}

/** What goes wrong before or inside a handler leaves as JSON: a refusal says why, anything unexpected only that it was. */
@Catch()
export class IngestProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>()
    if (response.headersSent) return
    const { status, body, retryAfterS } = toAnswer(error)
    if (status === 500) this.logger.error({ err: error }, 'a request failed')
    if (status === 503) response.set('retry-after', '5')
    if (status === 401) response.set('www-authenticate', 'Basic realm="device", charset="UTF-8"')
    if (typeof retryAfterS === 'number') response.set('retry-after', String(retryAfterS))
    response.status(status).json(body)
  }
}

/** Ours bear an object. What the body parser throws comes here with a bare text. */
function toAnswer(error: unknown): { status: number; body: unknown; retryAfterS?: unknown } {
  if (!(error instanceof HttpException))
    return problem(500, 'unexpected', 'something went wrong on the server')
  const status = error.getStatus()
  const body = error.getResponse()
  if (typeof body !== 'string') {
    const { retryAfterS, ...rest } = body as Record<string, unknown>
    return { status, body: rest, retryAfterS }
  }
  return problem(status, status === 413 ? 'too-large' : 'bad-request', body)
}

const problem = (status: number, code: string, message: string) => ({
  status,
  body: { code, message } satisfies Problem,
})
