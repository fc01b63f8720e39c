import type { Alarm } from '@gridkeeper/contracts'
import { stateOfSeverity } from '@gridkeeper/domain'

/** Alarms that wait for the stage, and the one on it. A value: every verb answers a new one. */
export interface Stage {
  readonly showing: Alarm | null
  readonly waiting: readonly Alarm[]
}

export const emptyStage: Stage = { showing: null, waiting: [] }

/** Takes the stage if it is free; otherwise waits its turn, worst first, then oldest first so that nobody waits for ever. */
export function enterStage(stage: Stage, alarm: Alarm): Stage {
  if (stage.showing?.id === alarm.id || stage.waiting.some(({ id }) => id === alarm.id)) return stage
  if (stage.showing === null) return { showing: alarm, waiting: [] }
  const waiting = [...stage.waiting, alarm].sort(
    (a, b) =>
      stateOfSeverity(b.severity) - stateOfSeverity(a.severity) || a.raisedAtMs - b.raisedAtMs || a.id - b.id,
  )
  return { showing: stage.showing, waiting }
}

/** The next one takes the stage; empty when none waits. */
export const leaveStage = (stage: Stage): Stage => ({
  showing: stage.waiting[0] ?? null,
  waiting: stage.waiting.slice(1),
})

/** An alarm that cleared meanwhile keeps its turn; it is shown as cleared. */
export function updateStage(stage: Stage, alarm: Alarm): Stage {
  const renew = (known: Alarm) => (known.id === alarm.id ? alarm : known)
  return { showing: stage.showing && renew(stage.showing), waiting: stage.waiting.map(renew) }
}
