import { setTimeout as sleep } from 'node:timers/promises'
import { deviceTopic } from '@gridkeeper/contracts'
import { rollups, rollupView, type Rollup } from '@gridkeeper/store'
import type { Kind } from '@gridkeeper/domain'
import type { MqttClient } from 'mqtt'
import type pg from 'pg'

export interface LateOutcome {
  readonly age: string
  /** Seconds from the PUBACK until the rollup tells the late value. Null: not within the limit. */
  readonly seconds: Readonly<Record<Rollup['name'], number | null>>
}

const limitMs = 180_000

/** Says something that happened a while ago, by QoS 1, and watches each rollup until it knows. The rest of the system runs as always. */
export async function correctLate(
  client: MqttClient,
  pool: pg.Pool,
  kind: Kind,
  device: { readonly key: string; readonly assetId: number },
  late: { readonly age: string; readonly ageMs: number; readonly p: number },
): Promise<LateOutcome> {
  const timeMs = Date.now() - late.ageMs
  const message = JSON.stringify({ t: timeMs, id: late.p, v: { p: late.p } })
  await client.publishAsync(deviceTopic(device.key, 'readings'), message, { qos: 1 })
  const from = performance.now()
  const seconds = new Map<Rollup['name'], number>()
  while (seconds.size < rollups.length && performance.now() - from < limitMs) {
    for (const { name, bucketMs } of rollups.filter(({ name }) => !seconds.has(name))) {
      const bucket = new Date(Math.floor(timeMs / bucketMs) * bucketMs)
      const { rows } = await pool.query<{ p_max: number | null }>(
        `select p_max from ${rollupView(kind, name)} where asset_id = $1 and time = $2`,
        [device.assetId, bucket],
      )
      if (rows[0]?.p_max === late.p) seconds.set(name, Math.round((performance.now() - from) / 100) / 10)
    }
    await sleep(250)
  }
  return {
    age: late.age,
    seconds: Object.fromEntries(
      rollups.map(({ name }) => [name, seconds.get(name) ?? null]),
    ) as LateOutcome['seconds'],
  }
}
