import type { Problem } from '@gridkeeper/contracts'
import type { ResolvedMessage } from '../intake/resolve-message.ts'
import type { Speaker } from '../intake/speaker.ts'

export interface Answer {
  readonly status: 400 | 401 | 403 | 413
  readonly problem: Problem
}

const maxDetails = 20

/**
 * null when everything was taken. What was refused is in the dead-letter list, too; the good items of the same message are committed. A stranger's message
 * waits in the quarantine, but he is told that nobody knows him.
 */
export function problemOf(
  { readings, fixes, events, statuses, deadLetters }: ResolvedMessage,
  speaker: Speaker,
): Answer | null {
  if (deadLetters.length === 0) return null
  const has = (...reasons: readonly string[]) => deadLetters.some(({ reason }) => reasons.includes(reason))
  const taken = readings.length + fixes.length + events.length + statuses.length
  const details = deadLetters.slice(0, maxDetails).map(({ reason, detail }) => `${reason}: ${detail ?? ''}`)
  if (speaker.kind === 'stranger' && has('unknown-device', 'no-login', 'not-own-key', 'revoked'))
    return {
      status: 401,
      problem: {
        code: 'not-logged-in',
        message: 'this sender is not known; its message is kept for somebody to adopt it, and is not counted',
        details,
      },
    }
  if (has('not-own-key', 'revoked'))
    return {
      status: 403,
      problem: { code: 'not-own-key', message: 'this login may not speak for that device', details },
    }
  const isTooLarge = has('too-large')
  return {
    status: isTooLarge ? 413 : 400,
    problem: {
      code: isTooLarge ? 'too-large' : 'bad-request',
      message: `${deadLetters.length} refused, ${taken} taken; do not send the same again`,
      details,
    },
  }
}
