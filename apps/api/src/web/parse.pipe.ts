import type { PipeTransform } from '@nestjs/common'
import type { z } from 'zod'
import { ProblemError } from './problem.ts'

/** Reads params, a query or a body by its schema; what does not fit is a `bad-request` that lists every problem. */
export class ParsePipe<Schema extends z.ZodType> implements PipeTransform<unknown, z.output<Schema>> {
  readonly #schema: Schema

  constructor(schema: Schema) {
    this.#schema = schema
  }

  transform(value: unknown): z.output<Schema> {
    const parsed = this.#schema.safeParse(value ?? {})
    if (parsed.success) return parsed.data
    const details = parsed.error.issues.map((issue) =>
      [issue.path.join('.'), issue.message].filter(Boolean).join(': '),
    )
    throw new ProblemError('bad-request', 'the request does not fit its schema', { details })
  }
}

export const parse = <Schema extends z.ZodType>(schema: Schema) => new ParsePipe(schema)
