import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ConfigError } from './config-error.ts'
import { loadEnv } from './load-env.ts'

const schema = z.object({
  PORT: z.coerce.number().int().min(1).max(65_535).default(5432),
  DATABASE_URL: z.url(),
  NAME: z.string(),
})

describe('loadEnv', () => {
  it('gives typed values and defaults', () => {
    expect(loadEnv(schema, { DATABASE_URL: 'postgres://x/y', NAME: 'a', OTHER: 'z' })).toEqual({
      PORT: 5432,
      DATABASE_URL: 'postgres://x/y',
      NAME: 'a',
    })
  })

  it('takes an empty value as not set', () => {
    expect(loadEnv(schema, { PORT: '', DATABASE_URL: 'postgres://x/y', NAME: 'a' }).PORT).toBe(5432)
  })

  it('lists every problem at once and names each variable', () => {
    const problems = catchConfigError(() => loadEnv(schema, { PORT: 'many' })).problems
    expect(problems).toHaveLength(3)
    expect(problems.find((problem) => problem.startsWith('PORT: '))).toBeDefined()
    expect(problems).toContain('DATABASE_URL is not set')
    expect(problems).toContain('NAME is not set')
  })

  it('never repeats a value, which may be a secret', () => {
    const error = catchConfigError(() => loadEnv(schema, { DATABASE_URL: 'hunter2', NAME: 'a' }))
    expect(error.message).toContain('DATABASE_URL')
    expect(error.message).not.toContain('hunter2')
  })
})

function catchConfigError(act: () => unknown): ConfigError {
  try {
    act()
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('expected a ConfigError')
}
