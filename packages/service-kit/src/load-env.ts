import type { z } from 'zod'
import { ConfigError } from './config-error.ts'

/**
 * Reads the settings of a process. `env` is any record of strings; an empty string counts as not set, because that
 * is what `NAME=` in an env file means to the one who wrote it.
 *
 * @throws ConfigError that lists all problems, each naming its variable
 */
export function loadEnv<Schema extends z.ZodObject>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>> = process.env,
): z.output<Schema> {
  const given: Record<string, string> = {}
  for (const name of Object.keys(schema.shape)) {
    const value = env[name]
    if (value !== undefined && value !== '') given[name] = value
  }
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data

  throw new ConfigError(
    parsed.error.issues.map((issue) => {
      const name = issue.path.map(String).join('.')
      const isMissing = issue.code === 'invalid_type' && !(name in given)
      if (isMissing) return `${name} is not set`
      return name === '' ? issue.message : `${name}: ${issue.message}`
    }),
  )
}
