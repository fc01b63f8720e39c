export interface Rerunnable {
  readonly rerunRequestedAtMs: number | null
  readonly rerunAtMs: number | null
  readonly rerunOutcome: string | null
}

/** From never asked for, to asked for, to stored or refused once more (and then it can be asked for again). */
export function rerunState({
  rerunRequestedAtMs,
  rerunAtMs,
  rerunOutcome,
}: Rerunnable): 'never' | 'pending' | 'accepted' | 'refused' {
  if (rerunRequestedAtMs === null) return 'never'
  if (rerunAtMs === null || rerunOutcome === null) return 'pending'
  return rerunOutcome === 'accepted' ? 'accepted' : 'refused'
}

/** Why it cannot run again; null: it can. */
export function whyNoRerun(
  letter: Rerunnable & { readonly isWhole: boolean },
): 'notWhole' | 'isAccepted' | 'isPending' | null {
  const state = rerunState(letter)
  if (state === 'accepted') return 'isAccepted'
  if (state === 'pending') return 'isPending'
  return letter.isWhole ? null : 'notWhole'
}
