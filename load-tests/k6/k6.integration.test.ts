import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runFileSchema, type RunFile } from '@gridkeeper/contracts'
import { startSystem, type TestSystem } from '@gridkeeper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findK6 } from './find-k6.ts'
import type { Speaker } from './plan.ts'
import { registerSpeakers } from './register-speakers.ts'
import { runScenario, scenarios } from './run-scenario.ts'

/** Not ours to download in a test: `.ci/run` and `npm run load` get it. */
const k6 = findK6()
const pace = { rate: 50, seconds: 6 }

describe.skipIf(k6 === null)('k6 against the whole system (skipped where k6 is not installed)', () => {
  let system: TestSystem
  let run: RunFile
  let speakers: Speaker[]

  beforeAll(async () => {
    system = await startSystem({ args: ['--no-simulator'] })
    run = runFileSchema.parse(JSON.parse(readFileSync(join(system.dataFolder, 'run.json'), 'utf8')))
    speakers = await registerSpeakers(run, pace.rate)
  }, 240_000)
  afterAll(() => system?.stop())

  it.each(scenarios)(
    '%s: keeps its thresholds, and stores every acknowledged message once',
    async (scenario) => {
      const outcome = await runScenario(k6 ?? '', run, scenario, speakers, pace)
      expect(outcome.thresholds.filter(({ isKept }) => !isKept)).toEqual([])
      expect(outcome.thresholds.length).toBeGreaterThan(3)
      expect(outcome.acknowledged).toBeGreaterThan(0.9 * pace.rate * pace.seconds)
      expect(outcome.acknowledged).toBe(outcome.sent)
      expect(outcome.rows.readings + outcome.rows.fixes).toBe(outcome.acknowledged)
    },
  )
})
