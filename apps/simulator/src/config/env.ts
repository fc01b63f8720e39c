import { z } from 'zod'

const whole = (low: number, high: number, standard: number) =>
  z.coerce.number().int().min(low).max(high).default(standard)

/** Settings of the simulator. Names as in the README. */
export const envSchema = z.object({
  SIM_SEED: whole(0, 0xffff_ffff, 1),
  SIM_ASSETS: whole(10, 200_000, 3_000),
  SIM_KEEPERS: whole(0, 2_000, 40),
  SIM_STATIONS: whole(1, 40, 8),
  SIM_GRIDS: whole(2, 1_000, 60),
  /** Readings a second in all. Default: each asset speaks about once a minute. */
  SIM_RATE: z.coerce.number().positive().max(50_000).optional(),
  SIM_BACKFILL_HOURS: z.coerce.number().min(0).max(168).default(24),
  SIM_STATE_FILE: z.string().optional(),
  API_URL: z.url(),
  API_NAME: z.string(),
  API_PASSWORD: z.string(),
  MQTT_URL: z.url(),
  /** Of the login `sim:district`, which speaks for all devices of the district. */
  SIM_DEVICE_SECRET: z.string().min(8, 'must have at least 8 characters').optional(),
  MQTT_USERNAME: z.string().optional(),
  MQTT_PASSWORD: z.string().optional(),
})

export type Env = z.output<typeof envSchema>
