/** The county's clock: Asia/Shanghai, eight hours ahead of UTC all year. */
export const HOUR = 3_600_000
export const MINUTE = 60_000
export const DAY = 24 * HOUR
const OFFSET = 8 * HOUR

/** Days since 1970-01-01 by the local calendar. */
export const localDay = (timeMs: number): number => Math.floor((timeMs + OFFSET) / DAY)
export const startOfDay = (day: number): number => day * DAY - OFFSET
/** 0 ≤ hour < 24 */
export const localHour = (timeMs: number): number => ((((timeMs + OFFSET) % DAY) + DAY) % DAY) / HOUR
export const isWeekend = (day: number): boolean => {
  const weekday = (((day + 4) % 7) + 7) % 7
  return weekday === 0 || weekday === 6
}
/** 0 at New Year, 1 a year later. */
export const partOfYear = (timeMs: number): number => ((timeMs / DAY) % 365.2425) / 365.2425

/** Counters begin here; energy and trips are summed from this day on. */
export const firstDay = localDay(Date.UTC(2025, 0, 1))
