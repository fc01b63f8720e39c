import type { Metric } from '@gridkeeper/domain'

export type Language = 'zh' | 'en'

/** What is not known is a dash, never a zero. */
export const dash = '—'

const counts = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const decimalFormats = new Map<number, Intl.NumberFormat>()

const two = (value: number) => String(value).padStart(2, '0')

export const formatCount = (value: number | null | undefined): string =>
  value === null || value === undefined || !Number.isFinite(value) ? dash : counts.format(value)

export function formatNumber(value: number | null | undefined, decimals: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return dash
  let format = decimalFormats.get(decimals)
  if (format === undefined) {
    format = new Intl.NumberFormat('en-US', {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    })
    decimalFormats.set(decimals, format)
  }
  return format.format(value).replace('-', '−')
}

/** `14:05` on the day of `nowMs`, `11-21 14:05` otherwise; the viewer's own time zone. */
export function formatTime(ms: number | null | undefined, nowMs: number): string {
  if (ms === null || ms === undefined) return dash
  const at = new Date(ms)
  const now = new Date(nowMs)
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}`
  const isToday =
    at.getFullYear() === now.getFullYear() &&
    at.getMonth() === now.getMonth() &&
    at.getDate() === now.getDate()
  return isToday ? clock : `${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock}`
}

/** `2026-11-21 14:05:09`, for what is looked up in a log. */
export function formatDateTime(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return dash
  const at = new Date(ms)
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${formatClock(ms)}`
}

export function formatClock(ms: number): string {
  const at = new Date(ms)
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

export function formatDay(ms: number, language: Language): string {
  const at = new Date(ms)
  const weekday = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', { weekday: 'short' }).format(
    at,
  )
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${weekday}`
}

const ageUnits = {
  zh: { second: ' 秒', minute: ' 分钟', hour: ' 小时', day: ' 天' },
  en: { second: ' s', minute: ' min', hour: ' h', day: ' d' },
} as const

/** A span in its largest whole unit; a negative one (clocks differ a little) counts as nothing. */
export function formatSpan(spanMs: number, language: Language): string {
  const units = ageUnits[language]
  const seconds = Math.max(0, Math.floor(spanMs / 1_000))
  if (seconds < 60) return `${seconds}${units.second}`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}${units.minute}`
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}${units.hour}`
  return `${formatCount(Math.floor(seconds / 86_400))}${units.day}`
}

/** A metric's value with its digits, or its name where values have names; the unit is the metric's own. */
export function formatMetric(
  metric: Metric,
  value: number | boolean | null | undefined,
  language: Language,
): string {
  if (value === null || value === undefined) return dash
  if (typeof value === 'boolean') return language === 'zh' ? (value ? '是' : '否') : value ? 'Yes' : 'No'
  const name = metric.names?.[value]
  return name ? name[language] : formatNumber(value, metric.decimals)
}

/** Metres below a kilometre, then kilometres with one digit. */
export function formatDistance(metres: number | null): string {
  if (metres === null) return dash
  return metres < 1_000 ? `${Math.round(metres / 10) * 10} m` : `${formatNumber(metres / 1_000, 1)} km`
}
