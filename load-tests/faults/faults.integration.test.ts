import { describe, expect, it } from 'vitest'
import { printOutcome } from './print-outcome.ts'
import { runScenario } from './run-scenario.ts'
import { scenarios } from './scenarios/index.ts'
import type { Sizes } from './sizes.ts'

/** Every fault happens, as seldom and as briefly as it can and still be proven. The figures are the long form's: no time is asserted here. */
const brief: Sizes = {
  kills: 2,
  steadySeconds: 1,
  rate: 200,
  devices: 60,
  connections: 10,
  outageSeconds: 5,
  faultSeconds: 4,
  storms: 2,
  poisonEvery: 50,
  returning: 200,
}

/** Always on the embedded engine: it may be killed, a server that others share may not. */
const database = { serverUrl: null, postgresData: null }

/** A stage takes seconds to set up, and many more on a machine that does other things. */
const timeoutMs = 180_000
/** Before vitest's own, which would leave the processes and the folder behind. */
const giveUpMs = timeoutMs - 30_000

describe('on a bad day', () => {
  it.each(scenarios.map((scenario) => [scenario.title, scenario] as const))(
    '%s',
    async (_title, scenario) => {
      const options = { sizes: brief, database, gatewayScript: 'apps/gateway/dist/main.js' }
      const outcome = await runScenario(scenario, options, AbortSignal.timeout(giveUpMs))
      const story = printOutcome(outcome)
      expect(outcome.skipped, story).toBeNull()
      expect(
        outcome.checks.filter(({ holds }) => !holds),
        story,
      ).toEqual([])
      expect(outcome.verdict, story).toMatchObject({ lost: 0, doubled: 0, foreign: 0, altered: 0 })
      expect(outcome.passed, story).toBe(true)
    },
    timeoutMs,
  )
})
