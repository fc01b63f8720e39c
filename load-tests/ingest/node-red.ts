import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '@gridkeeper/testkit'
import type pg from 'pg'
import { countRows } from './district.ts'
import type { Engine } from './engines.ts'
import { makeFlow, makeSettings } from './node-red-flow.ts'
import type { BenchOptions } from './options.ts'
import { startPlainBroker } from './plain-broker.ts'
import { Publishers } from './publishers.ts'

export const nodeRedVersion = '5.0.7'

export type NodeRedRate =
  | { readonly readingsPerSecond: number; readonly broker: string }
  | { readonly readingsPerSecond: null; readonly reason: string }

/** npm may have to fetch it first. */
const startLimitMs = 240_000
const warmSeconds = 3
/** So many messages may be on their way to the table: always enough to do, and no pile of them to carry. */
const onTheWay = 4_000
const lookEveryMs = 100

/** Rows a second that Node-RED stores when it always has more to store; never throws. */
export async function measureNodeRed(
  engine: Engine,
  pool: pg.Pool,
  options: BenchOptions,
): Promise<NodeRedRate> {
  const broker = await startPlainBroker()
  if (broker === null) return notMeasured('there is no Mosquitto on PATH')
  const folder = mkdtempSync(join(tmpdir(), 'gridkeeper-ingest-node-red-'))
  const publishers = new Publishers(options.publishers)
  let nodeRed: ChildProcess | null = null
  try {
    writeFileSync(join(folder, 'flows.json'), JSON.stringify(makeFlow(broker.port, engine.url)))
    writeFileSync(join(folder, 'settings.js'), makeSettings(await freePort()))
    nodeRed = await startNodeRed(folder)
    const { devices, connections, window, seconds } = options
    await publishers.start(devices, { port: broker.port, login: null, connections, window, isPaced: true })
    const feed = async (forSeconds: number) => {
      const until = performance.now() + forSeconds * 1_000
      let stored = await countRows(pool)
      for (; performance.now() < until; stored = await countRows(pool)) {
        publishers.allow(stored + onTheWay)
        await sleep(lookEveryMs)
      }
      return { stored, atMs: performance.now() }
    }
    const from = await feed(warmSeconds)
    const to = await feed(seconds)
    if (to.stored === from.stored) return notMeasured('it stored nothing')
    const readingsPerSecond = Math.round(((to.stored - from.stored) * 1_000) / (to.atMs - from.atMs))
    return { readingsPerSecond, broker: broker.name }
  } catch (error) {
    return notMeasured(error instanceof Error ? error.message : String(error))
  } finally {
    await publishers.end()
    if (nodeRed !== null) await endGroup(nodeRed)
    await broker.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

const notMeasured = (reason: string): NodeRedRate => ({ readingsPerSecond: null, reason })

/** Resolves when its flow is connected to the broker. Its own process group: npx does not hand signals on. */
async function startNodeRed(folder: string): Promise<ChildProcess> {
  const child = spawn('npx', ['--yes', `node-red@${nodeRedVersion}`, '--userDir', folder], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let output = ''
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string) =>
        reject(new Error(`node-red ${why}: ${output.trim().split('\n').slice(-3).join(' / ')}`))
      const limit = setTimeout(() => fail('did not start'), startLimitMs)
      const read = (bytes: Buffer) => {
        output = (output + bytes.toString()).slice(-10_000)
        if (!/Connected to broker/.test(output)) return
        clearTimeout(limit)
        resolve()
      }
      child.stdout.on('data', read)
      child.stderr.on('data', read)
      child.once('error', (error) => fail(error.message))
      child.once('exit', (code) => fail(`ended with ${code}`))
    })
    return child
  } catch (error) {
    await endGroup(child)
    throw error
  }
}

async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  process.kill(-child.pid, 'SIGKILL')
  await ended
}
