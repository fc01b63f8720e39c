import type { DeadLetterDetail } from '@gridkeeper/contracts'
import { countByReason, type ReasonCount } from './count-by-reason.ts'

type Rerunnable = Pick<DeadLetterDetail, 'rerunRequestedAtMs' | 'rerunAtMs' | 'rerunOutcome'>

/** What has become of one request to run dead letters again. */
export interface RerunTally {
  readonly pending: number
  readonly accepted: number
  readonly refused: readonly ReasonCount[]
}

/** One request marks all its letters with one time, and the newest such time is that of the newest request. */
export function tallyRerun(letters: readonly Rerunnable[]): RerunTally {
  const askedAt = letters.reduce((newest, { rerunRequestedAtMs }) => Math.max(newest, rerunRequestedAtMs ?? 0), 0)
  const asked = letters.filter(({ rerunRequestedAtMs }) => rerunRequestedAtMs !== null && rerunRequestedAtMs === askedAt)
  const refused: Record<string, number> = {}
  let pending = 0
  let accepted = 0
  for (const { rerunAtMs, rerunOutcome } of asked) {
    if (rerunAtMs === null || rerunOutcome === null) pending++
    else if (rerunOutcome === 'accepted') accepted++
    else refused[rerunOutcome] = (refused[rerunOutcome] ?? 0) + 1
  }
  return { pending, accepted, refused: countByReason(refused) }
}
