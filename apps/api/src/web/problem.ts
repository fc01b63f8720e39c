import type { Problem } from '@gridkeeper/contracts'

/** Stable codes and the HTTP status each goes out with. */
const statuses = {
  'bad-request': 400,
  'login-needed': 401,
  'wrong-login': 401,
  'not-allowed': 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  'too-many-attempts': 429,
  unexpected: 500,
  'not-ready': 503,
} as const
export type ProblemCode = keyof typeof statuses

/** An error that its caller is told about. Everything else is `unexpected` and goes to the log instead. */
export class ProblemError extends Error {
  readonly code: ProblemCode
  readonly details: readonly string[]
  readonly headers: Readonly<Record<string, string>>

  constructor(
    code: ProblemCode,
    message: string,
    { details = [], headers = {} }: { details?: readonly string[]; headers?: Record<string, string> } = {},
  ) {
    super(message)
    this.code = code
    this.details = details
    this.headers = headers
  }

  get status(): number {
    return statuses[this.code]
  }

  toProblem(): Problem {
    return {
      code: this.code,
      message: this.message,
      ...(this.details.length > 0 ? { details: [...this.details] } : {}),
    }
  }
}

export const notFound = (what: string) => new ProblemError('not-found', `there is no such ${what}`)
