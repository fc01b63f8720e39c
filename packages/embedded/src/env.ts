import { z } from 'zod'

const flag = z.enum(['on', 'off']).transform((value) => value === 'on')

/** The settings of the embedded database's own process. */
export const envSchema = z.object({
  EMBEDDED_DATA_DIR: z.string().default('.data/db'),
  EMBEDDED_HOST: z.string().default('127.0.0.1'),
  EMBEDDED_PORT: z.coerce.number().int().min(0).max(65_535).default(5433),
  EMBEDDED_PASSWORD: z.string().optional(),
  EMBEDDED_FSYNC: flag.default(true),
  EMBEDDED_JOB_INTERVAL_MS: z.coerce.number().int().min(0).default(5000),
  EMBEDDED_IDLE_IN_TRANSACTION_MS: z.coerce.number().int().min(1).default(30_000),
  EMBEDDED_MAX_CONNECTIONS: z.coerce.number().int().min(1).default(100),
  EMBEDDED_TEMPLATE_DIR: z.string().optional(),
})
