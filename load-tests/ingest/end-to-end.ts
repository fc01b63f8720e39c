import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bus, busUser } from '@gridkeeper/contracts'
import { freePort } from '@gridkeeper/testkit'
import { connectAsync } from 'mqtt'
import type pg from 'pg'
import { startService } from './child-process.ts'
import { countRows, type Login } from './district.ts'
import type { Engine } from './engines.ts'
import type { BenchOptions } from './options.ts'
import { usageOfTree, watchPeakMiB } from './process-usage.ts'
import { Publishers } from './publishers.ts'

export interface EndToEnd {
  readonly messagesPerSecond: number
  /** Of the whole round, warming up and draining included: these two must be equal. */
  readonly acknowledged: number
  readonly stored: number
  /** Frames that a reader of the bus has got: what was committed was told, too. */
  readonly frames: number
  /** CPU seconds of a million readings. Null: not on this machine. */
  readonly cpuSecondsPerMillion: {
    readonly gateway: number
    readonly database: number | null
    readonly publishers: number
  }
  readonly peakMiB: { readonly gateway: number; readonly database: number | null }
}

const warmSeconds = 3
const program = join(import.meta.dirname, '..', '..', 'apps', 'gateway', 'dist', 'main.js')

/**
 * QoS 1 messages of one wide reading each, through a gateway of its own with everything on; only acknowledged ones count. Throws if the rows that are stored
 * are not as many as the messages that were acknowledged.
 */
export async function measureEndToEnd(
  engine: Engine,
  pool: pg.Pool,
  login: Login,
  options: BenchOptions,
): Promise<EndToEnd> {
  const busSecret = 'bench-bus-secret'
  const port = await freePort()
  const gateway = await startService(
    program,
    {
      DATABASE_URL: engine.url,
      MQTT_HOST: '127.0.0.1',
      MQTT_PORT: String(port),
      GATEWAY_HTTP_PORT: String(await freePort()),
      BUS_SECRET: busSecret,
      BATCH_MAX_ITEMS: String(options.batchRows),
    },
    options.gatewayFlags,
  )
  const usage = usageOfTree(gateway.child.pid ?? 0)
  const publishers = new Publishers(options.publishers)
  let frames = 0
  const reader = await connectAsync(`mqtt://127.0.0.1:${port}`, { username: busUser, password: busSecret })
  reader.on('message', () => frames++)
  await reader.subscribeAsync(bus.allFrames)
  try {
    const { connections, window } = options
    await publishers.start(options.devices, { port, login, connections, window, isPaced: false })
    await sleep(warmSeconds * 1_000)
    const readCpu = () => ({
      gateway: usage.cpuSeconds(),
      database: engine.usage?.cpuSeconds() ?? null,
      publishers: publishers.cpuSeconds(),
    })
    const endMemory = watchPeakMiB(usage)
    const endDatabaseMemory = engine.usage === null ? null : watchPeakMiB(engine.usage)
    const from = { ...(await publishers.count()), cpu: readCpu() }
    await sleep(options.seconds * 1_000)
    const to = { ...(await publishers.count()), cpu: readCpu() }
    const peakMiB = { gateway: endMemory(), database: endDatabaseMemory?.() ?? null }
    const acknowledged = await publishers.drain()
    const stored = await countRows(pool)
    if (stored !== acknowledged)
      throw new Error(`${acknowledged} messages were acknowledged, but ${stored} rows are stored`)
    if (frames === 0) throw new Error('nothing was told on the bus')
    const readings = to.acknowledged - from.acknowledged
    const perMillion = (before: number, after: number) =>
      Number((((after - before) * 1e6) / readings).toFixed(1))
    return {
      messagesPerSecond: Math.round((readings * 1_000) / (to.atMs - from.atMs)),
      acknowledged,
      stored,
      frames,
      cpuSecondsPerMillion: {
        gateway: perMillion(from.cpu.gateway, to.cpu.gateway),
        database:
          from.cpu.database === null || to.cpu.database === null
            ? null
            : perMillion(from.cpu.database, to.cpu.database),
        publishers: perMillion(from.cpu.publishers, to.cpu.publishers),
      },
      peakMiB,
    }
  } finally {
    await reader.endAsync(true)
    await publishers.end()
    await gateway.stop()
  }
}
