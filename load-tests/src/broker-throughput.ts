/**
 * QoS 1 publishers → Mosquitto → gateway → commit: messages of wide rows a second, from the first publication to the last commit, publishers and broker on the
 * same machine. `GATEWAYS=2` for two that share the load.
 *
 *   npx turbo run build --filter=@gridkeeper/gateway && node load-tests/src/broker-throughput.ts
 */
import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { MosquittoRig, RawPublisher, startDatabase, startGateway, stopGateway } from './broker-rig.ts'
import { nameEngine } from './name-engine.ts'
import { writeResult } from './write-result.ts'

const gatewayCount = Number(process.env['GATEWAYS'] ?? 1)
const devices = 200
const perDevice = Number(process.env['PER_DEVICE'] ?? 500)
const rounds = Number(process.env['ROUNDS'] ?? 3)
const total = devices * perDevice

const database = await startDatabase(devices)
const broker = await MosquittoRig.start(['persistence true', 'autosave_interval 1'])
const gateways: ChildProcess[] = []
for (let index = 0; index < gatewayCount; index++)
  gateways.push(
    await startGateway(database.url, broker.port, {
      MQTT_CLIENT_ID: `rig-${index}`,
      MQTT_SHARED: String(gatewayCount > 1),
    }),
  )
await database.register()
await sleep(500)

const raw = []
for (let round = 0; round < rounds; round++) {
  const before = await database.count()
  const cpuBefore = cpuSeconds()
  const startMs = performance.now()
  const publishers = Array.from(
    { length: devices },
    (_, index) => new RawPublisher(broker.port, `M-${index + 1}`, Date.now() - 3_600_000 * (round + 2), 20),
  )
  await Promise.all(publishers.map((publisher) => publisher.run(perDevice)))
  const publishedMs = performance.now() - startMs
  while ((await database.count()) < before + total) await sleep(50)
  const committedMs = performance.now() - startMs
  const cpuAfter = cpuSeconds()
  raw.push({
    publishedPerSecond: Math.round((total / publishedMs) * 1000),
    committedPerSecond: Math.round((total / committedMs) * 1000),
    brokerCpuSeconds: cpuAfter.broker - cpuBefore.broker,
    gatewayCpuSeconds: cpuAfter.gateways - cpuBefore.gateways,
  })
}
const engine = await nameEngine(database.url)
for (const gateway of gateways) await stopGateway(gateway)
await broker.remove()
await database.stop()

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
writeResult({
  name: `broker-throughput-${gatewayCount}`,
  goal: 'messages of wide rows a second through Mosquitto, all committed',
  engine,
  figures: {
    gateways: gatewayCount,
    messagesARound: total,
    committedPerSecond: median(raw.map((round) => round.committedPerSecond)),
    publishedPerSecond: median(raw.map((round) => round.publishedPerSecond)),
    gatewayCpuSecondsPerMillion: Math.round(
      (median(raw.map((round) => round.gatewayCpuSeconds)) / total) * 1_000_000,
    ),
  },
  raw,
})

/** User and system time of the processes, from /proc. */
function cpuSeconds(): { broker: number; gateways: number } {
  const of = (pid: number) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / 100
  }
  return {
    broker: of(broker.pid),
    gateways: gateways.reduce((seconds, { pid }) => seconds + of(pid ?? 0), 0),
  }
}
