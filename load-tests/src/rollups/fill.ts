import { setTimeout as sleep } from 'node:timers/promises'
import { lifecycle, readingTable, rollups, rollupView } from '@gridkeeper/store'
import type { Kind } from '@gridkeeper/domain'
import type pg from 'pg'

const dayMs = 86_400_000
const instant = (ms: number) => `timestamptz '${new Date(ms).toISOString()}'`

export interface Filling {
  readonly assetIds: readonly number[]
  readonly fromMs: number
  readonly toMs: number
  readonly everySeconds: number
}

/** Wide rows, a day a statement: every metric has a value that moves. `p` stays below 50. */
export async function fillReadings(pool: pg.Pool, kind: Kind, filling: Filling): Promise<number> {
  const metrics = kind.metrics.map(({ key }) => key)
  const values = metrics.map((_, at) => `(20 + 10 * sin(extract(epoch from at) / 3600 + asset_id + ${at}))`)
  let rows = 0
  for (let dayFromMs = filling.fromMs; dayFromMs < filling.toMs; dayFromMs += dayMs) {
    const dayToMs = Math.min(dayFromMs + dayMs, filling.toMs) - 1
    const { rowCount } = await pool.query(
      `insert into ${readingTable(kind)} (asset_id, time, message_id, received_at, ${metrics.join(', ')}, flags)
       select asset_id, at, 1, at, ${values.join(', ')}, 0
       from generate_series(${instant(dayFromMs)}, ${instant(dayToMs)}, interval '${filling.everySeconds} seconds') as at,
         unnest($1::int[]) as asset_id`,
      [filling.assetIds],
    )
    rows += rowCount ?? 0
  }
  return rows
}

/**
 * What thirty days of the policies would have made: everything rolled up, everything old compressed. Done by hand with the policies held still, because a
 * policy of the embedded engine takes history in small bites, and two refreshes of one rollup do not go together.
 */
export async function settle(pool: pg.Pool, kind: Kind, { fromMs, toMs }: Filling): Promise<void> {
  await setScheduled(pool, false)
  for (const { name, bucketMs } of rollups) {
    const align = (ms: number) => Math.floor(ms / bucketMs) * bucketMs
    // From the start of the first chunk on (ten days long under a rollup of a rollup), or a policy takes the empty hours before the first row for history to make.
    for (let at = align(fromMs - 11 * dayMs); at < toMs - bucketMs; at += 5 * dayMs) {
      const end = Math.min(at + 5 * dayMs, align(toMs - bucketMs))
      if (end <= at) continue
      const range = `${instant(at)}, ${instant(end)}`
      await whenFree(() =>
        pool.query(`call refresh_continuous_aggregate('${rollupView(kind, name)}', ${range})`),
      )
    }
  }
  await pool.query(
    `select compress_chunk(chunk, true) from show_chunks('${readingTable(kind)}', older_than => interval '${lifecycle.compressReadingsAfter}') as chunk`,
  )
  await pool.query(`analyze ${readingTable(kind)}`)
  await setScheduled(pool, true)
}

const setScheduled = (pool: pg.Pool, isScheduled: boolean) =>
  pool.query(
    `select alter_job(job_id, scheduled => $1) from timescaledb_information.jobs where proc_name like 'policy\\_%'`,
    [isScheduled],
  )

/** A policy that had begun before is let finish. */
async function whenFree(work: () => Promise<unknown>): Promise<void> {
  const isBusy = (error: unknown) => (error as { code?: string }).code === '55P03'
  for (;;) {
    try {
      await work()
      return
    } catch (error) {
      if (!isBusy(error)) throw error
      await sleep(500)
    }
  }
}
