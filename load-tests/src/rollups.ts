/**
 * A 30-day curve of one asset, from rollups and from raw rows, and how long late data need to correct the rollups.
 *
 *   npm run bench:rollups                              the embedded engine
 *   DATABASE_URL=postgres://… npm run bench:rollups    a database of its own on that server
 *
 * Starts the whole system with data of its own; the policies run as they always do.
 */
import { parseArgs } from 'node:util'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { runFileSchema } from '@gridkeeper/contracts'
import { findKind } from '@gridkeeper/domain'
import { rolledMetrics, rollups } from '@gridkeeper/store'
import { startSystem } from '@gridkeeper/testkit'
import { connectAsync } from 'mqtt'
import pg from 'pg'
import { askApi, databaseMs, expectSameCurve, readFromRaw, readRolled, type Curve } from './rollups/curves.ts'
import { fillReadings, settle } from './rollups/fill.ts'
import { correctLate, type LateOutcome } from './rollups/late-data.ts'
import { createOwnDatabase } from './rollups/own-database.ts'
import { takeTurns } from './rollups/take-turns.ts'
import { nameEngine } from './name-engine.ts'
import { importText } from './running-system.ts'
import { writeResult } from './write-result.ts'

const serverUrl = process.env['DATABASE_URL'] || null
const { values } = parseArgs({
  options: {
    assets: { type: 'string', default: serverUrl === null ? '20' : '100' },
    every: { type: 'string', default: '60' },
    rounds: { type: 'string', default: '9' },
  },
})
const hourMs = 3_600_000
const dayMs = 24 * hourMs
const days = 30
const everySeconds = Number(values.every)
const meter = findKind('meter')!
const secret = 'rollups-bench'

const own = serverUrl === null ? null : await createOwnDatabase(serverUrl)
if (own !== null) process.env['DATABASE_URL'] = own.url
const dataFolder = mkdtempSync(join(tmpdir(), 'gridkeeper-rollups-'))
try {
  const system = await startSystem({ args: ['--no-simulator'], dataFolder })
  try {
    await measure(runFileSchema.parse(JSON.parse(readFileSync(join(dataFolder, 'run.json'), 'utf8'))))
  } finally {
    await system.stop()
  }
} finally {
  rmSync(dataFolder, { recursive: true, force: true })
  await own?.drop()
}

async function measure(run: ReturnType<typeof runFileSchema.parse>): Promise<void> {
  const keys = Array.from({ length: Number(values.assets) }, (_, at) => `curve-${at}`)
  const lines = keys.map(
    (key, at) => `${key},曲线表 ${at},meter,${(113.3 + at / 1e4).toFixed(4)},30.1,${secret}`,
  )
  await importText(run, 'assets', `code,name,kind,lon,lat,device_secret\n${lines.join('\n')}\n`)
  const pool = new pg.Pool({
    connectionString: run.urls.database,
    max: 2,
    // Compiling a statement takes longer than any of these does: raw rows would seem three times slower than they need be.
    onConnect: async (client) => {
      await client.query('set jit = off')
    },
  })
  try {
    const { rows: assets } = await pool.query<{ id: number }>(
      `select id from asset where code like 'curve-%' order by id`,
    )
    const assetIds = assets.map(({ id }) => id)
    const toMs = Date.now()
    const filling = { assetIds, fromMs: toMs - (days + 1) * dayMs, toMs, everySeconds }
    step(`Filling ${assetIds.length} assets × ${days + 1} days, a reading each ${everySeconds} s`)
    const rows = await fillReadings(pool, meter, filling)
    step(`Rolling up and compressing ${rows} rows`)
    await settle(pool, meter, filling)

    const device = {
      key: keys[Math.floor(keys.length / 2)]!,
      assetId: assetIds[Math.floor(keys.length / 2)]!,
    }
    const range = { fromMs: toMs - days * dayMs, toMs }
    const wide: Curve = { kind: meter, metrics: rolledMetrics(meter), assetId: device.assetId, range }
    const drawn: Curve = { ...wide, metrics: wide.metrics.filter(({ key }) => meter.curve.includes(key)) }
    const { source, timesMs } = await askApi(run, wide)
    const rollup = rollups.find(({ name }) => name === source)
    if (rollup === undefined) throw new Error(`the api reads a ${days}-day curve from ${source}`)
    expectSameCurve(await readRolled(pool, rollup, wide), await readFromRaw(pool, rollup, wide))
    step(`Measuring: ${timesMs.length} points from the rollup ${source}`)
    const loadBefore = loadavg()[0]
    const timings = await takeTurns(
      {
        apiWide: () => askApi(run, wide),
        rolledWide: () => readRolled(pool, rollup, wide),
        rawWide: () => readFromRaw(pool, rollup, wide),
        databaseRolledWide: () => databaseMs(pool, (to) => readRolled(to, rollup, wide)),
        databaseRawWide: () => databaseMs(pool, (to) => readFromRaw(to, rollup, wide)),
        apiDrawn: () => askApi(run, drawn),
        rolledDrawn: () => readRolled(pool, rollup, drawn),
        rawDrawn: () => readFromRaw(pool, rollup, drawn),
        databaseRolledDrawn: () => databaseMs(pool, (to) => readRolled(to, rollup, drawn)),
        databaseRawDrawn: () => databaseMs(pool, (to) => readFromRaw(to, rollup, drawn)),
      },
      Number(values.rounds),
    )
    const ms = (name: keyof typeof timings) => median(timings[name])
    const machineLoad = `${round(loadBefore ?? NaN)} to ${round(loadavg()[0] ?? NaN)}`

    const client = await connectAsync(run.urls.mqtt, {
      clientId: 'curve',
      username: device.key,
      password: secret,
    })
    const late: LateOutcome[] = []
    const ages = { '1h': hourMs, '1d': dayMs, '7d': 7 * dayMs, '29d': 29 * dayMs }
    for (const [at, [age, ageMs]] of Object.entries(ages).entries()) {
      step(`Late by ${age}`)
      const outcome = await correctLate(client, pool, meter, device, { age, ageMs, p: 100 + at })
      step(`  right after ${JSON.stringify(outcome.seconds)} s`)
      late.push(outcome)
    }
    await client.endAsync()

    const slowest = Math.max(
      ...late.flatMap(({ seconds }) => Object.values(seconds).map((value) => value ?? Infinity)),
    )
    /** Wide: all metrics; drawn: the one that the card draws. */
    const figuresOf = (curve: 'wide' | 'drawn') => {
      const at = <Part extends string>(part: Part) => `${part}${curve === 'wide' ? 'Wide' : 'Drawn'}` as const
      return {
        [`${curve}ApiMs`]: round(ms(at('api'))),
        [`${curve}RollupMs`]: round(ms(at('rolled'))),
        [`${curve}RawMs`]: round(ms(at('raw'))),
        [`${curve}TimesFaster`]: round(ms(at('raw')) / ms(at('rolled'))),
        [`${curve}DatabaseRollupMs`]: round(ms(at('databaseRolled'))),
        [`${curve}DatabaseRawMs`]: round(ms(at('databaseRaw'))),
        [`${curve}TimesFasterInDatabase`]: round(ms(at('databaseRaw')) / ms(at('databaseRolled'))),
      }
    }
    writeResult({
      name: `rollups-${own === null ? 'embedded' : 'native'}`,
      goal: 'a 30-day curve within 150 ms and 20 × faster than from raw rows; late data right within 60 s',
      engine: await nameEngine(run.urls.database),
      figures: {
        assets: assetIds.length,
        rows,
        curveFrom: source,
        points: timesMs.length,
        machineLoad,
        ...figuresOf('wide'),
        ...figuresOf('drawn'),
        ...Object.fromEntries(late.map(({ age, seconds }) => [`late${age}Seconds`, JSON.stringify(seconds)])),
        slowestCorrectionSeconds: slowest,
      },
      raw: { ...timings, late },
    })
    const isGood = ms('apiWide') <= 150 && ms('rawWide') >= 20 * ms('rolledWide') && slowest < 60
    process.exitCode = isGood ? 0 : 1
  } finally {
    await pool.end()
  }
}

function median(given: readonly number[]): number {
  return given.toSorted((a, b) => a - b)[Math.floor(given.length / 2)] ?? NaN
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

function step(text: string): void {
  process.stdout.write(`${new Date().toISOString().slice(11, 19)}  ${text}\n`)
}
