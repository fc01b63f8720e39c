import type { Alarm } from '@gridkeeper/contracts'
import { stateOfSeverity, worstOf, type Severity } from '@gridkeeper/domain'
import { healthWorth } from './health.ts'
import type { StateCounts } from './tally.ts'

export interface TrendPoint {
  readonly timeMs: number
  readonly percent: number | null
}

const worthOf: Readonly<Record<Severity, number>> = {
  attention: healthWorth.attention,
  warning: healthWorth.warning,
  critical: healthWorth.critical,
}

/** Worth lost by alarming assets at an instant; an asset loses by its worst alarm only. */
function lostAt(alarms: readonly Alarm[], timeMs: number): number {
  const worst = new Map<number, Severity>()
  for (const alarm of alarms) {
    if (alarm.raisedAtMs > timeMs || (alarm.clearedAtMs !== null && alarm.clearedAtMs <= timeMs)) continue
    const known = worst.get(alarm.assetId)
    if (known === undefined || stateOfSeverity(alarm.severity) > worstOf([known]))
      worst.set(alarm.assetId, alarm.severity)
  }
  let lost = 0
  for (const severity of worst.values()) lost += 1 - worthOf[severity]
  return lost
}

/**
 * Health at past instants, traced back from the alarms. Silence leaves no record here, so today's silent assets are taken as silent all along;
 * the last point is the present health itself.
 */
export function healthTrend(
  counts: StateCounts,
  alarms: readonly Alarm[],
  timesMs: readonly number[],
): readonly TrendPoint[] {
  const known = counts.normal + counts.attention + counts.warning + counts.critical + counts.silent
  if (known === 0) return timesMs.map((timeMs) => ({ timeMs, percent: null }))
  const silentLost = counts.silent * (1 - healthWorth.silent)
  return timesMs.map((timeMs) => {
    const lost = Math.min(known, silentLost + lostAt(alarms, timeMs))
    return { timeMs, percent: 100 * (1 - lost / known) }
  })
}

/** Instants from `spanMs` ago until now, both included. */
export function trendTimes(nowMs: number, spanMs: number, stepMs: number): readonly number[] {
  const times: number[] = []
  for (let at = nowMs - spanMs; at < nowMs; at += stepMs) times.push(at)
  return [...times, nowMs]
}
