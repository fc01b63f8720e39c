import type { DistrictSize } from '../district/district.ts'
import type { ApiAccess } from '../publish/import-registry.ts'
import type { BrokerAccess } from '../publish/broker-pool.ts'
import type { Env } from './env.ts'

export interface Config {
  readonly size: DistrictSize
  readonly ratePerSecond: number
  readonly backfillMs: number
  readonly stateFile: string | null
  readonly api: ApiAccess
  readonly broker: BrokerAccess
}

export const toConfig = (env: Env): Config => ({
  size: {
    seed: env.SIM_SEED,
    assets: env.SIM_ASSETS,
    stations: Math.min(env.SIM_STATIONS, env.SIM_GRIDS),
    grids: env.SIM_GRIDS,
    keepers: env.SIM_KEEPERS,
  },
  ratePerSecond: env.SIM_RATE ?? env.SIM_ASSETS / 60,
  backfillMs: env.SIM_BACKFILL_HOURS * 3_600_000,
  stateFile: env.SIM_STATE_FILE ?? null,
  api: { url: env.API_URL, name: env.API_NAME, password: env.API_PASSWORD },
  broker: {
    url: env.MQTT_URL,
    ...(env.MQTT_USERNAME === undefined ? {} : { username: env.MQTT_USERNAME }),
    ...(env.MQTT_PASSWORD === undefined ? {} : { password: env.MQTT_PASSWORD }),
  },
})
