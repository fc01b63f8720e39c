import type { Problem } from '@gridkeeper/contracts'
import type { ResolvedMessage } from '../intake/resolve-message.ts'

export interface Answer {
  readonly status: 400 | 413
  readonly problem: Problem
}

const maxDetails = 20

/** null when everything was taken. What was refused is in the dead-letter list, too; the good items of the same message are committed. */
export function problemOf({
  readings,
  fixes,
  events,
  statuses,
  deadLetters,
}: ResolvedMessage): Answer | null {
  if (deadLetters.length === 0) return null
  const taken = readings.length + fixes.length + events.length + statuses.length
  const details = deadLetters.slice(0, maxDetails).map(({ reason, detail }) => `${reason}: ${detail ?? ''}`)
  const isTooLarge = deadLetters.some(({ reason }) => reason === 'too-large')
  return {
    status: isTooLarge ? 413 : 400,
    problem: {
      code: isTooLarge ? 'too-large' : 'bad-request',
      message: `${deadLetters.length} refused, ${taken} taken; do not send the same again`,
      details,
    },
  }
}
