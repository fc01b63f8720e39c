import type { AlarmsByHour } from '@gridkeeper/contracts'
import type { Severity } from '@gridkeeper/domain'
import { stateColour } from '../../app/theme.ts'
import { formatCount, formatTime } from '../../i18n/format.ts'
import { chartText, chartTooltip, hairline, still, type ChartFrame } from '../../parts/chart-theme.ts'

/** Bottom to top: the worst stands on the axis, where lengths compare best. */
export const severitiesUp: readonly Severity[] = ['critical', 'warning', 'attention']

export const totalOf = (hours: AlarmsByHour): number =>
  severitiesUp.reduce((sum, severity) => sum + (hours.counts[severity] ?? []).reduce((a, b) => a + b, 0), 0)

export function alarmsByHourOption(
  hours: AlarmsByHour,
  names: Readonly<Record<Severity, string>>,
  nowMs: number,
  frame: ChartFrame,
) {
  const text = chartText(frame)
  const px = (base: number) => base * frame.scale
  return {
    ...still,
    textStyle: text,
    grid: {
      left: 0,
      right: px(8),
      top: px(16),
      bottom: 0,
      outerBoundsMode: 'same',
      outerBoundsContain: 'axisLabel',
    },
    tooltip: {
      ...chartTooltip(frame),
      axisPointer: { type: 'shadow' as const, shadowStyle: { color: 'rgba(141, 155, 171, 0.12)' } },
      formatter: (points: { dataIndex: number; seriesName: string; value: number }[]) => {
        const hourMs = hours.hoursMs[points[0]?.dataIndex ?? 0] ?? null
        const rows = [...points]
          .reverse()
          .map(({ seriesName, value }) => `${seriesName}\u3000${formatCount(value)}`)
        return [formatTime(hourMs, nowMs), ...rows].join('<br>')
      },
    },
    xAxis: {
      type: 'category',
      data: hours.hoursMs.map((ms) => formatTime(ms, ms)),
      axisLine: { lineStyle: hairline },
      axisTick: { show: false },
      axisLabel: {
        ...text,
        interval: (index: number) => new Date(hours.hoursMs[index] ?? 0).getHours() % 6 === 0,
      },
    },
    yAxis: {
      type: 'value',
      minInterval: 1,
      splitNumber: 2,
      axisLabel: { ...text, formatter: (value: number) => formatCount(value) },
      splitLine: { lineStyle: hairline },
    },
    series: severitiesUp.map((severity) => ({
      type: 'bar',
      name: names[severity],
      stack: 'alarms',
      barCategoryGap: '32%',
      itemStyle: { color: stateColour[severity] },
      emphasis: { disabled: true },
      data: hours.counts[severity] ?? [],
    })),
  }
}
