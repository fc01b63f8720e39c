/**
 * What a Mosquitto loses, of what it has acknowledged, when it is killed or restarted: with its default autosave, with one of a second, with the gateway there
 * and away, shared and not.
 *
 *   npx turbo run build --filter=@gridkeeper/gateway && node load-tests/src/broker-loss.ts
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { MosquittoRig, RawPublisher, startDatabase, startGateway, stopGateway } from './broker-rig.ts'
import { writeResult } from './write-result.ts'

const devices = 10
const seconds = 6.5
/** Of each device: a thousand in all. */
const perSecond = 100
const perDevice = 10_000

interface Case {
  readonly name: string
  readonly settings: readonly string[]
  readonly isShared: boolean
  /** Whether the gateway takes messages while they come. */
  readonly isGatewayUp: boolean
  readonly end: 'SIGKILL' | 'SIGTERM'
}

const defaults = ['persistence true']
const short = ['persistence true', 'autosave_interval 1']
const cases: readonly Case[] = [
  {
    name: 'killed_autosave1800s_gatewayAway',
    settings: defaults,
    isShared: false,
    isGatewayUp: false,
    end: 'SIGKILL',
  },
  {
    name: 'killed_autosave1s_gatewayAway',
    settings: short,
    isShared: false,
    isGatewayUp: false,
    end: 'SIGKILL',
  },
  {
    name: 'killed_autosave1800s_gatewayUp',
    settings: defaults,
    isShared: false,
    isGatewayUp: true,
    end: 'SIGKILL',
  },
  {
    name: 'killed_autosave1s_gatewayUp',
    settings: short,
    isShared: false,
    isGatewayUp: true,
    end: 'SIGKILL',
  },
  { name: 'stopped_gatewayAway', settings: defaults, isShared: false, isGatewayUp: false, end: 'SIGTERM' },
]

const raw = []
for (const one of cases) raw.push(await measure(one))
raw.push(await measureGap(true), await measureGap(false))
writeResult({
  name: 'broker-loss',
  goal: 'tells what an acknowledgement of Mosquitto is worth; no threshold',
  // What the database does has no part in it.
  engine: null,
  figures: Object.fromEntries(
    raw.map(({ name, acknowledged, lost }) => [name, `lost ${lost} of ${acknowledged}`]),
  ),
  raw,
})

/** Messages come for some seconds; then the broker ends, comes back, and the gateway takes what there is. */
async function measure({ name, settings, isShared, isGatewayUp, end }: Case) {
  const database = await startDatabase(devices)
  const broker = await MosquittoRig.start(settings)
  const shared = { MQTT_SHARED: String(isShared) }
  let gateway = await startGateway(database.url, broker.port, shared)
  await database.register()
  // The session is on disk before the messages come: what is measured is the messages.
  await stopGateway(gateway)
  await broker.end('SIGTERM')
  await broker.start()
  if (isGatewayUp) gateway = await startGateway(database.url, broker.port, shared)
  const publishers = makePublishers(broker.port)
  const running = Promise.all(publishers.map((publisher) => publisher.run(perDevice, perSecond)))
  await Promise.race([running, sleep(seconds * 1_000)])
  await broker.end(end)
  await running
  const acknowledged = sum(publishers.map((publisher) => publisher.acknowledged))
  await broker.start()
  if (!isGatewayUp) gateway = await startGateway(database.url, broker.port, shared)
  const stored = await settled(database.count)
  await stopGateway(gateway)
  await broker.remove()
  await database.stop()
  return { name, acknowledged, lost: Math.max(0, acknowledged - stored), stored }
}

/** The broker restarts cleanly, and devices are back before the gateway. */
async function measureGap(isShared: boolean) {
  const database = await startDatabase(devices)
  const broker = await MosquittoRig.start(short)
  const shared = { MQTT_SHARED: String(isShared) }
  const first = await startGateway(database.url, broker.port, shared)
  await database.register()
  await stopGateway(first)
  await broker.end('SIGTERM')
  await broker.start()
  const publishers = makePublishers(broker.port)
  await Promise.all(publishers.map((publisher) => publisher.run(100)))
  const acknowledged = sum(publishers.map((publisher) => publisher.acknowledged))
  const second = await startGateway(database.url, broker.port, shared)
  const stored = await settled(database.count)
  await stopGateway(second)
  await broker.remove()
  await database.stop()
  return {
    name: `restarted_devicesBeforeGateway_${isShared ? 'shared' : 'unshared'}`,
    acknowledged,
    lost: acknowledged - stored,
    stored,
  }
}

function makePublishers(port: number): RawPublisher[] {
  const fromMs = Date.now() - 3_600_000
  return Array.from({ length: devices }, (_, index) => new RawPublisher(port, `M-${index + 1}`, fromMs, 50))
}

/** Until nothing has come for three seconds. */
async function settled(count: () => Promise<number>): Promise<number> {
  for (let known = -1, quiet = 0; ;) {
    const now = await count()
    quiet = now === known ? quiet + 1 : 0
    if (quiet >= 6) return now
    known = now
    await sleep(500)
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
