/**
 * The fault bench: bad days, one after the other, each on a database and a gateway of its own, and an oracle that compares what the publishers were told
 * with what is stored. Needs no running system.
 *
 *   npm run load:faults                                        every scenario, small: about four minutes
 *   npm run load:faults -- --long                              50 kills, 10 minutes without a database, 5,000 devices: about half an hour
 *   npm run load:faults -- --scenario poison,flood --kills 20
 *   DATABASE_URL=postgres://… npm run load:faults              on a server, in databases of its own
 *     --postgres-data <folder>                                 it is on this machine and may be killed
 */
import { parseArgs } from 'node:util'
import { nameEngine } from '../src/name-engine.ts'
import { writeResult } from '../src/write-result.ts'
import { openDatabase } from './database.ts'
import { printOutcome, sumUp } from './print-outcome.ts'
import { runScenario, type Outcome } from './run-scenario.ts'
import { scenarios } from './scenarios/index.ts'
import { long, short, type Sizes } from './sizes.ts'

const { values } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
    scenario: { type: 'string' },
    kills: { type: 'string' },
    rate: { type: 'string' },
    'outage-seconds': { type: 'string' },
    'fault-seconds': { type: 'string' },
    returning: { type: 'string' },
    'postgres-data': { type: 'string' },
    gateway: { type: 'string', default: 'apps/gateway/dist/main.js' },
  },
})

const names = values.scenario?.split(',') ?? scenarios.map(({ name }) => name)
const unknown = names.filter((name) => !scenarios.some((scenario) => scenario.name === name))
if (unknown.length > 0)
  throw new Error(
    `no scenario ${unknown.join(', ')}; there are ${scenarios.map(({ name }) => name).join(', ')}`,
  )

const form = values.long ? long : short
const given = (text: string | undefined, fallback: number) => (text === undefined ? fallback : Number(text))
const sizes: Sizes = {
  ...form,
  kills: given(values.kills, form.kills),
  rate: given(values.rate, form.rate),
  outageSeconds: given(values['outage-seconds'], form.outageSeconds),
  faultSeconds: given(values['fault-seconds'], form.faultSeconds),
  returning: given(values.returning, form.returning),
}
const serverUrl = process.env['DATABASE_URL'] ?? ''
const database = {
  serverUrl: serverUrl === '' ? null : serverUrl,
  postgresData: values['postgres-data'] ?? null,
}

const say = (text: string) => process.stdout.write(`${text}\n`)
const engine = await askEngine()
say(`on ${engine}\n`)
const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())
const outcomes: Outcome[] = []
const broken: string[] = []
for (const scenario of scenarios.filter(({ name }) => names.includes(name))) {
  if (stopping.signal.aborted) break
  try {
    const options = { sizes, database, gatewayScript: values.gateway }
    const outcome = await runScenario(scenario, options, stopping.signal)
    outcomes.push(outcome)
    say(printOutcome(outcome))
  } catch (error) {
    broken.push(scenario.name)
    say(
      `NOT OK  ${scenario.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    )
  }
}
writeResult({
  name: 'faults',
  goal: 'lost 0, doubled 0, memory bounded; every fault proven to have happened',
  engine,
  figures: { ...sumUp(outcomes), ...(broken.length > 0 ? { brokenOff: broken.join(', ') } : {}) },
  raw: { form: values.long ? 'long' : 'short', sizes, outcomes },
})
process.exitCode =
  broken.length === 0 &&
  !stopping.signal.aborted &&
  outcomes.every(({ passed, skipped }) => passed || skipped !== null)
    ? 0
    : 1

async function askEngine(): Promise<string> {
  const asked = await openDatabase({ ...database, postgresData: null })
  try {
    return await nameEngine(asked.url)
  } finally {
    await asked.dispose()
  }
}
