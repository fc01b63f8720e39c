import type { Scenario } from '../scenario.ts'
import { allReturn } from './all-return.ts'
import { brokerKilled } from './broker-killed.ts'
import { databaseKilled } from './database-killed.ts'
import { databaseSlow } from './database-slow.ts'
import { databaseStopped } from './database-stopped.ts'
import { flood } from './flood.ts'
import { gatewayKilled } from './gateway-killed.ts'
import { overload } from './overload.ts'
import { poison } from './poison.ts'
import { redelivery } from './redelivery.ts'
import { wrongClocks } from './wrong-clocks.ts'

/** In the order in which they are played. */
export const scenarios: readonly Scenario[] = [
  gatewayKilled,
  databaseKilled,
  brokerKilled,
  databaseStopped,
  databaseSlow,
  redelivery,
  wrongClocks,
  poison,
  allReturn,
  flood,
  overload,
]
