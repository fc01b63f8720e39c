import type { AlarmsByHour } from '@gridkeeper/contracts'
import type { Severity } from '@gridkeeper/domain'

export interface HourMark {
  readonly hourMs: number
  readonly total: number
  /** Height of each part, rem; the highest hour fills the bar, and even one alarm among thousands is seen. */
  readonly heights: Readonly<Record<Severity, number>>
  readonly isLabelled: boolean
}

const fullRem = 1.25
const leastRem = 0.1875
const labelEveryHours = 3

/** A mark for each hour; few alarms make low marks, so that a quiet day looks quiet. */
export function hourMarks(hours: AlarmsByHour, quietPeak = 8): readonly HourMark[] {
  const of = (severity: Severity, index: number) => hours.counts[severity]?.[index] ?? 0
  const totals = hours.hoursMs.map((_, i) => of('attention', i) + of('warning', i) + of('critical', i))
  const peak = Math.max(quietPeak, ...totals)
  const height = (count: number) => (count === 0 ? 0 : Math.max(leastRem, (count / peak) * fullRem))
  return hours.hoursMs.map((hourMs, i) => ({
    hourMs,
    total: totals[i] as number,
    heights: {
      attention: height(of('attention', i)),
      warning: height(of('warning', i)),
      critical: height(of('critical', i)),
    },
    isLabelled: new Date(hourMs).getHours() % labelEveryHours === 0,
  }))
}
