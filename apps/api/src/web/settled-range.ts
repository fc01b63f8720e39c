import { ProblemError } from './problem.ts'
import { settleRange } from './query-schemas.ts'

/** The range a request asks for; throws a `bad-request` for one that cannot be. */
export function settledRange(query: { from?: number | undefined; to?: number | undefined }, nowMs: number) {
  const settled = settleRange(query, nowMs)
  if (!settled.ok) throw new ProblemError('bad-request', settled.reason)
  return settled.range
}
