/** How long things are kept and when they are compressed. Postgres intervals. */
export const lifecycle = {
  /** Chunk of one day: the unit of compression and of forgetting. */
  readingChunk: '1 day',
  compressReadingsAfter: '3 days',
  keepReadings: '180 days',
  compressFixesAfter: '3 days',
  /** Tracks are personal data: kept for the month that scores are made from, and the one before. */
  keepFixes: '62 days',
  keepEvents: '400 days',
  keepDeadLetters: '30 days',
} as const

export interface Rollup {
  /** Suffix of the view, and its name in the API. */
  readonly name: '1m' | '15m' | '1h' | '1d'
  readonly bucket: string
  readonly bucketMs: number
  readonly keep: string
  /** Where in the round of {@link refreshRollupsEvery} it has its turn. */
  readonly refreshAfter: string
  /** Buckets that one transaction of a refresh makes: what others wait for on an engine with one backend. */
  readonly bucketsPerBatch: number
}

/**
 * Late data are in all rollups after one round. Each rollup is made from the finer one, so each has its turn a little after that one: refreshed in any order, a
 * late row would need a round for each of the four, and measured, up to ten minutes for the day.
 */
export const refreshRollupsEvery = '15 seconds'

/** Each rollup is made from the one before it, the first from the raw rows. */
export const rollups: readonly Rollup[] = [
  {
    name: '1m',
    bucket: '1 minute',
    bucketMs: 60_000,
    keep: '400 days',
    refreshAfter: '0 seconds',
    bucketsPerBatch: 60,
  },
  {
    name: '15m',
    bucket: '15 minutes',
    bucketMs: 900_000,
    keep: '3 years',
    refreshAfter: '3 seconds',
    bucketsPerBatch: 8,
  },
  {
    name: '1h',
    bucket: '1 hour',
    bucketMs: 3_600_000,
    keep: '10 years',
    refreshAfter: '6 seconds',
    bucketsPerBatch: 12,
  },
  {
    name: '1d',
    bucket: '1 day',
    bucketMs: 86_400_000,
    keep: '30 years',
    refreshAfter: '9 seconds',
    bucketsPerBatch: 30,
  },
]

/**
 * How a refresh is cut up. The embedded engine serves nobody while a job runs: a day of history that arrives at once is rolled up over some minutes, oldest
 * first, a few batches a run, instead of in one stop of a minute. Enumerating batches costs (0.3 s a run over half a year of data, 1 ms uncut), so a server,
 * whose jobs stand in nobody's way, refreshes in one piece.
 */
export const refreshBatchesPerRun = { unnest: 4, copy: null } as const
