import type { Series } from '@gridkeeper/contracts'
import type { Metric } from '@gridkeeper/domain'
import { colour } from '../app/theme.ts'
import { formatMetric, formatNumber, formatTime, type Language } from '../i18n/format.ts'
import { chartText, chartTooltip, hairline, still, type ChartFrame } from '../parts/chart-theme.ts'
import { hourLabels } from '../parts/hour-labels.ts'

export const hasValues = (series: Series, keys: readonly string[]): boolean =>
  keys.some((key) => series.metrics[key]?.values.some((value) => value !== null))

/** Told apart by dash as well as by shade, since colours belong to states. */
const strokes = [
  { color: colour.textStrong, type: 'solid' },
  { color: colour.textMuted, type: 'dashed' },
  { color: colour.textMuted, type: 'dotted' },
] as const

/** Metrics of one unit over time; the vertical axis follows the values, since a voltage never comes near zero. */
export function assetCurveOption(
  series: Series,
  metrics: readonly Metric[],
  language: Language,
  nowMs: number,
  frame: ChartFrame,
) {
  const text = chartText(frame)
  const px = (base: number) => base * frame.scale
  const isStepped = metrics.some(({ type, names }) => type === 'boolean' || names !== undefined)
  return {
    ...still,
    textStyle: text,
    grid: {
      left: 0,
      right: px(8),
      top: px(8),
      bottom: 0,
      outerBoundsMode: 'same',
      outerBoundsContain: 'axisLabel',
    },
    tooltip: {
      ...chartTooltip(frame),
      formatter: (points: { seriesIndex: number; value: [number, number | null] }[]) => {
        const rows = points.map(({ seriesIndex, value }) => {
          const metric = metrics[seriesIndex] as Metric
          return `${metric.label[language]}\u3000${formatMetric(metric, value[1], language)} ${metric.unit}`
        })
        return [formatTime(points[0]?.value[0] ?? null, nowMs), ...rows].join('<br>')
      },
    },
    xAxis: {
      type: 'time',
      min: series.fromMs,
      max: series.toMs,
      axisLine: { lineStyle: hairline },
      axisTick: { show: false },
      splitLine: { show: false },
      axisLabel: {
        ...text,
        customValues: hourLabels(series.fromMs, series.toMs, 6),
        formatter: (ms: number) => formatTime(ms, ms),
      },
    },
    yAxis: {
      type: 'value',
      scale: true,
      splitNumber: 2,
      axisLabel: {
        ...text,
        formatter: (value: number) => formatNumber(value, Number.isInteger(value) ? 0 : 1),
      },
      splitLine: { lineStyle: hairline },
    },
    series: metrics.map((metric, index) => ({
      type: 'line',
      name: metric.label[language],
      showSymbol: false,
      connectNulls: false,
      ...(isStepped ? { step: 'end' as const } : {}),
      lineStyle: { width: px(2), ...(strokes[index] ?? strokes[2]) },
      itemStyle: { color: (strokes[index] ?? strokes[2]).color },
      emphasis: { disabled: true },
      data: series.timesMs.map((ms, at) => [ms, series.metrics[metric.key]?.values[at] ?? null]),
    })),
  }
}
