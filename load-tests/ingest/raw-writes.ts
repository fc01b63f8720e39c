import { appendRows, readingTarget, type AppendPath } from '@gridkeeper/store'
import type pg from 'pg'
import { draftRow, meter } from './district.ts'

export interface RawRate {
  readonly readingsPerSecond: number
  readonly rows: number
}

/**
 * The yardstick: one writer that has the rows at hand and writes nothing else, one transaction a batch, by the same driver into the same table.
 * `copy` has two statements around it that tell a known message from a new one; they are part of writing these rows safely, and cost little.
 */
export async function measureRaw(
  pool: pg.Pool,
  path: AppendPath,
  devices: number,
  batchRows: number,
  seconds: number,
): Promise<RawRate> {
  const target = readingTarget(meter)
  const drafts = Array.from({ length: Math.max(devices, batchRows) }, (_, at) =>
    draftRow((at % devices) + 1, at),
  )
  const client = await pool.connect()
  let turn = 0
  const writeBatch = async () => {
    const nowMs = Date.now()
    const batch = Array.from({ length: batchRows }, () => {
      const row = drafts[turn++ % drafts.length]
      if (row === undefined) throw new Error('no rows to write')
      row.timeMs = nowMs
      row.receivedAtMs = nowMs
      // As wide as the hash that a message without a number of its own is known by.
      row.messageId = BigInt.asIntN(64, BigInt(turn) * 0x9e37_79b9_7f4a_7c15n)
      return row
    })
    await client.query('begin')
    await appendRows(client, path, target, batch)
    await client.query('commit')
  }
  try {
    const warmUntil = performance.now() + 1_000
    while (performance.now() < warmUntil) await writeBatch()
    const before = turn
    const startedMs = performance.now()
    while (performance.now() < startedMs + seconds * 1_000) await writeBatch()
    const tookSeconds = (performance.now() - startedMs) / 1_000
    return { readingsPerSecond: Math.round((turn - before) / tookSeconds), rows: turn }
  } finally {
    client.release()
  }
}
