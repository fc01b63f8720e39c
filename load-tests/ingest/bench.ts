/**
 * How much of the database's own speed is left when rows come as messages: raw writes of the same rows against the whole way through the gateway, in turns,
 * so that what else the machine does falls on both. Starts everything it needs and needs nothing that runs.
 *
 *   npm run bench:ingest -- --rounds 5 --seconds 8
 *   DATABASE_URL=postgres://… npm run bench:ingest -- --engine native
 */
import { openStore } from '@gridkeeper/store'
import { beginAlike, makeDistrict } from './district.ts'
import { measureEndToEnd } from './end-to-end.ts'
import { startEngine, type Engine } from './engines.ts'
import { measureNodeRed, type NodeRedRate } from './node-red.ts'
import { OptionsError, readOptions, type BenchOptions } from './options.ts'
import { measureRaw } from './raw-writes.ts'
import { report, type Round } from './report.ts'

const say = (text: string) => process.stdout.write(`${text}\n`)

try {
  const options = readOptions(process.argv.slice(2))
  for (const name of options.engines) {
    const engine = await startEngine(name, options.serverUrl)
    try {
      if (!report(engine, options, await measure(engine, options))) process.exitCode = 1
    } finally {
      await engine.stop()
    }
  }
} catch (error) {
  process.stderr.write(`\n${error instanceof OptionsError ? error.message : String(error)}\n`)
  process.exitCode = 2
}

async function measure(engine: Engine, options: BenchOptions): Promise<Round[]> {
  const { pool, appendPath, close } = await openStore({
    url: engine.url,
    applicationName: 'gridkeeper-bench',
  })
  try {
    const login = await makeDistrict(pool, options.devices)
    const { devices, batchRows, seconds } = options
    const rounds: Round[] = []
    let nodeRed: NodeRedRate | null = null
    for (let number = 1; number <= options.rounds; number++) {
      await beginAlike(pool)
      const copy = appendPath === 'copy' ? await measureRaw(pool, 'copy', devices, batchRows, seconds) : null
      await beginAlike(pool)
      const unnest = await measureRaw(pool, 'unnest', devices, batchRows, seconds)
      await beginAlike(pool)
      const endToEnd = await measureEndToEnd(engine, pool, login, options)
      await beginAlike(pool)
      // What cannot be measured once is not tried again in every round.
      if (options.withNodeRed && (nodeRed === null || nodeRed.readingsPerSecond !== null))
        nodeRed = await measureNodeRed(engine, pool, options)
      rounds.push({ copy, unnest, endToEnd, nodeRed })
      say(
        `${engine.name} round ${number}: raw copy ${copy?.readingsPerSecond ?? '–'}, raw unnest ${unnest.readingsPerSecond}, ` +
          `end to end ${endToEnd.messagesPerSecond}, node-red ${nodeRed?.readingsPerSecond ?? '–'} readings/s`,
      )
    }
    return rounds
  } finally {
    await close()
  }
}
