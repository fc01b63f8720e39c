import { z } from 'zod'

const port = z.coerce.number().int().min(0).max(65_535)

/** The settings of the process, as they stand in its environment. */
export const envSchema = z.object({
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'must be a postgres:// address'),
  BUS_URL: z
    .string()
    .regex(/^(mqtt|mqtts|ws|wss|tcp|ssl):\/\//, 'must be a mqtt:// address')
    .default('mqtt://127.0.0.1:1883'),
  BUS_SECRET: z.string().min(8, 'must have at least 8 characters'),
  HTTP_PORT: port.default(8080),
  HTTP_HOST: z.string().default('127.0.0.1'),
  /** Folder of the built screen, served at `/`. */
  SCREEN_DIR: z.string().optional(),
  SESSION_SECRET: z.string().min(32, 'must have at least 32 characters'),
  /** Makes the account `admin` at start where there is no account yet. */
  ADMIN_PASSWORD: z.string().min(8, 'must have at least 8 characters').optional(),
  /** Where browsers find us, if a proxy in front changes the Host header. */
  PUBLIC_ORIGIN: z.url().optional(),
  MAX_SCREENS: z.coerce.number().int().min(1).max(100_000).default(1_000),
})

export type Env = z.infer<typeof envSchema>
