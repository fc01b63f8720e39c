import { countByReason, type ReasonCount } from './count-by-reason.ts'
import { rerunState, type Rerunnable } from './rerun-state.ts'

/** What has become of one request to run dead letters again. */
export interface RerunTally {
  readonly pending: number
  readonly accepted: number
  readonly refused: readonly ReasonCount[]
}

/** One request marks all its letters with one time, and the newest such time is that of the newest request. */
export function tallyRerun(letters: readonly Rerunnable[]): RerunTally {
  const askedAt = letters.reduce(
    (newest, { rerunRequestedAtMs }) => Math.max(newest, rerunRequestedAtMs ?? 0),
    0,
  )
  const asked = letters.filter(
    ({ rerunRequestedAtMs }) => rerunRequestedAtMs !== null && rerunRequestedAtMs === askedAt,
  )
  const refused: Record<string, number> = {}
  let pending = 0
  let accepted = 0
  for (const letter of asked) {
    const state = rerunState(letter)
    const reason = letter.rerunOutcome ?? ''
    if (state === 'pending') pending++
    else if (state === 'accepted') accepted++
    else refused[reason] = (refused[reason] ?? 0) + 1
  }
  return { pending, accepted, refused: countByReason(refused) }
}
