/**
 * Rows stored against messages acknowledged: publishes QoS 1 readings of its own assets to the running system for a while, keeps a ledger of what was
 * acknowledged, and compares it with the database row by row.
 *
 *   npm run load:ledger -- --seconds 300 --rate 500
 */
import { parseArgs } from 'node:util'
import { deviceTopic } from '@gridkeeper/contracts'
import { connectAsync, type MqttClient } from 'mqtt'
import pg from 'pg'
import { nameEngine } from './name-engine.ts'
import { ensureLogin, findRunningSystem, importText } from './running-system.ts'
import { writeResult } from './write-result.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '300' },
    rate: { type: 'string', default: '500' },
    assets: { type: 'string', default: '500' },
    connections: { type: 'string', default: '10' },
  },
})
const seconds = Number(values.seconds)
const rate = Number(values.rate)
const assetCount = Number(values.assets)

const run = findRunningSystem()
const keys = Array.from({ length: assetCount }, (_, index) => `ledger-${index}`)
const rows = keys.map(
  (key, index) => `${key},台账 ${index},meter,${113.3 + (index % 50) / 1000},${30.1 + index / 50_000},ledger`,
)
await importText(run, 'assets', `code,name,kind,lon,lat,device_via\n${rows.join('\n')}\n`)

const login = await ensureLogin(run, 'ledger')

const clients = await Promise.all(
  Array.from({ length: Number(values.connections) }, (_, index) =>
    connectAsync(run.urls.mqtt, { ...login, clientId: `ledger-${process.pid}-${index}`, clean: false }),
  ),
)
const acknowledged: { key: string; timeMs: number; id: number }[] = []
let sent = 0
const until = Date.now() + seconds * 1000
await Promise.all(clients.map((client, index) => publish(client, index)))
await Promise.all(clients.map((client) => client.endAsync()))

const stored = await readStored()
const storedKeys = new Set(stored)
const missing = acknowledged.filter((entry) => !storedKeys.has(rowKey(entry)))
writeResult({
  name: 'ledger',
  goal: 'every acknowledged message is stored, once',
  engine: await nameEngine(run.urls.database),
  figures: {
    seconds,
    sent,
    acknowledged: acknowledged.length,
    storedRows: stored.length,
    acknowledgedButMissing: missing.length,
    storedTwice: stored.length - storedKeys.size,
    acknowledgedPerSecond: Math.round(acknowledged.length / seconds),
  },
})
process.exitCode = missing.length === 0 && stored.length === storedKeys.size ? 0 : 1

async function publish(client: MqttClient, index: number): Promise<void> {
  const everyMs = (1000 * clients.length) / rate
  const waiting = new Set<Promise<void>>()
  for (let next = Date.now(), count = 0; next < until; next += everyMs, count++) {
    const waitMs = next - Date.now()
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
    const key = keys[(index + count * clients.length) % keys.length] ?? ''
    const entry = { key, timeMs: Date.now(), id: ++sent }
    const payload = JSON.stringify({
      t: entry.timeMs,
      id: entry.id,
      v: { ua: 220 + Math.random() * 5, p: Math.random() * 3, kwh: sent },
    })
    const done: Promise<void> = client.publishAsync(deviceTopic(key, 'readings'), payload, { qos: 1 }).then(
      () => {
        acknowledged.push(entry)
        waiting.delete(done)
      },
      () => void waiting.delete(done),
    )
    waiting.add(done)
  }
  await Promise.all(waiting)
}

function rowKey(entry: { key: string; timeMs: number; id: number }): string {
  return `${entry.key} ${entry.timeMs} ${entry.id}`
}

async function readStored(): Promise<string[]> {
  const client = new pg.Client({ connectionString: run.urls.database })
  await client.connect()
  const from = new Date(until - seconds * 1000 - 60_000).toISOString()
  const { rows: found } = await client.query<{ key: string; time_ms: string; id: string }>(
    `select device.key, (extract(epoch from time) * 1000)::bigint as time_ms, message_id as id
     from reading_meter join device using (asset_id) where device.key like 'ledger-%' and time > $1`,
    [from],
  )
  await client.end()
  return found.map(({ key, time_ms, id }) => rowKey({ key, timeMs: Number(time_ms), id: Number(id) }))
}
