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
  /** The login that the district's devices are registered behind; null: they are registered without a way in. */
  readonly via: string | null
}

const districtLogin = 'sim:district'

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
  broker: { url: env.MQTT_URL, ...loginOf(env) },
  via: env.SIM_DEVICE_SECRET === undefined ? null : districtLogin,
})

/** A broker in front of the gateway has users of its own. */
function loginOf({ MQTT_USERNAME, MQTT_PASSWORD, SIM_DEVICE_SECRET }: Env) {
  if (MQTT_USERNAME === undefined)
    return SIM_DEVICE_SECRET === undefined ? {} : { username: districtLogin, password: SIM_DEVICE_SECRET }
  return { username: MQTT_USERNAME, ...(MQTT_PASSWORD === undefined ? {} : { password: MQTT_PASSWORD }) }
}
