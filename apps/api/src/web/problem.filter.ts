import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common'
import type { Logger } from '@gridkeeper/service-kit'
import type { Response } from 'express'
import { ProblemError, type ProblemCode } from './problem.ts'

const codesByStatus: Readonly<Record<number, ProblemCode>> = {
  400: 'bad-request',
  401: 'login-needed',
  403: 'not-allowed',
  404: 'not-found',
  409: 'conflict',
  413: 'too-large',
  429: 'too-many-attempts',
  503: 'not-ready',
}

/** The one place where an error becomes an answer. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger: Logger

  constructor(logger: Logger) {
    this.#logger = logger
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>()
    const problem = toProblemError(error)
    if (problem.code === 'unexpected') this.#logger.error({ err: error }, 'a request failed unexpectedly')
    if (response.headersSent) {
      response.destroy()
      return
    }
    response.status(problem.status).set(problem.headers).json(problem.toProblem())
  }
}

/** Nest and Express name theirs by HTTP status; anything without one, or beyond the 4xx, is ours to mend. */
export function toProblemError(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  const status = error instanceof HttpException ? error.getStatus() : statusOf(error)
  const code = codesByStatus[status] ?? (status >= 400 && status < 500 ? 'bad-request' : 'unexpected')
  if (code === 'unexpected') return new ProblemError(code, 'something went wrong on the server')
  return new ProblemError(code, error instanceof Error ? error.message : 'the request was refused')
}

const statusOf = (error: unknown): number =>
  typeof error === 'object' && error !== null && 'status' in error && typeof error.status === 'number'
    ? error.status
    : 500
