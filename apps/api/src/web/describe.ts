import { SetMetadata } from '@nestjs/common'
import type { z } from 'zod'
import type { ProblemCode } from './problem.ts'

/** What a route says of itself: the OpenAPI document is made from it, and its test holds every answer against it. */
export interface RouteDescription {
  readonly summary: string
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  /** Null: an answer without a body. */
  readonly answer: z.ZodType | null
  readonly problems?: readonly ProblemCode[]
}

export const descriptionKey = 'gridkeeper:description'
export const Describe = (description: RouteDescription) => SetMetadata(descriptionKey, description)
