/**
 * Drives the running system (`npm start`) with k6, over HTTP and by MQTT over WebSocket, and compares what was acknowledged with what is stored.
 *
 *   npm run load                                             both scenarios, 300 messages a second for a minute each
 *   npm run load -- http-ingest --rate 1000 --seconds 600    one of them, longer and harder
 *   npm run load -- --smoke                                  ten seconds each: does it work at all
 */
import { parseArgs } from 'node:util'
import { nameEngine } from '../src/name-engine.ts'
import { findRunningSystem } from '../src/running-system.ts'
import { writeResult } from '../src/write-result.ts'
import { buildK6, findK6, howToGetK6 } from './find-k6.ts'
import { latencyOf } from './read-summary.ts'
import { registerSpeakers } from './register-speakers.ts'
import { runScenario, scenarios, type Scenario, type ScenarioOutcome } from './run-scenario.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rate: { type: 'string' },
    seconds: { type: 'string' },
    smoke: { type: 'boolean', default: false },
  },
})
const unknown = positionals.filter((name) => !scenarios.some((scenario) => scenario === name))
if (unknown.length > 0) fail(`no such scenario: ${unknown.join(', ')}; there are ${scenarios.join(' and ')}`)
const wanted = scenarios.filter((name) => positionals.length === 0 || positionals.includes(name))
const pace = {
  rate: Number(values.rate ?? (values.smoke ? 50 : 300)),
  seconds: Number(values.seconds ?? (values.smoke ? 10 : 60)),
}
if (!(pace.rate >= 10 && pace.seconds >= 1)) fail('--rate is at least 10 a second, --seconds at least 1')

const run = findRunningSystem()
const k6 = findK6() ?? buildK6() ?? fail(howToGetK6)
const engine = await nameEngine(run.urls.database)
const speakers = await registerSpeakers(run, pace.rate)
for (const scenario of wanted) report(scenario, await runScenario(k6, run, scenario, speakers, pace), engine)

function report(scenario: Scenario, outcome: ScenarioOutcome, engine: string): void {
  const { summary, thresholds, sent, acknowledged, rows, lost, surplus } = outcome
  const crossed = thresholds.filter(({ isKept }) => !isKept)
  const latency = latencyOf(summary, scenario === 'http-ingest' ? 'http_req_duration' : 'gk_mqtt_ack_ms')
  writeResult({
    name: `k6-${scenario}`,
    goal: 'every threshold kept; every acknowledged message stored, once',
    engine,
    figures: {
      ratePerSecond: pace.rate,
      seconds: pace.seconds,
      sent,
      acknowledged,
      storedRows: rows.readings + rows.fixes,
      acknowledgedButMissing: lost,
      storedButNeverSent: surplus,
      ...latency,
      thresholdsKept: `${thresholds.length - crossed.length} of ${thresholds.length}`,
      ...Object.fromEntries(crossed.map(({ metric, rule }) => [`crossed ${metric}`, rule])),
    },
    raw: summary.metrics,
  })
  if (crossed.length > 0 || lost > 0 || surplus > 0 || acknowledged === 0) process.exitCode = 1
}

function fail(reason: string): never {
  process.stderr.write(`${reason}\n`)
  process.exit(1)
}
