import type { AlarmsByHour } from '@gridkeeper/contracts'
import type { HourCount } from '@gridkeeper/store'

const hourMs = 3_600_000

/** Whole hours, the running one last. */
export function hoursRange(hours: number, nowMs: number): { fromMs: number; toMs: number } {
  const toMs = (Math.floor(nowMs / hourMs) + 1) * hourMs
  return { fromMs: toMs - hours * hourMs, toMs }
}

/** Every hour of the range is there, with 0 where nothing was raised. */
export function fillHours(
  range: { readonly fromMs: number; readonly toMs: number },
  counts: readonly HourCount[],
): AlarmsByHour {
  const count = Math.round((range.toMs - range.fromMs) / hourMs)
  const zeros = () => new Array<number>(count).fill(0)
  const filled = { attention: zeros(), warning: zeros(), critical: zeros() }
  for (const { hourMs: atMs, severity, count: raised } of counts) {
    const index = Math.round((atMs - range.fromMs) / hourMs)
    if (index >= 0 && index < count) filled[severity][index] = raised
  }
  return { hoursMs: zeros().map((_, index) => range.fromMs + index * hourMs), counts: filled }
}
