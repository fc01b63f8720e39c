import { colour } from '../../app/theme.ts'
import { formatCount, formatNumber, formatTime } from '../../i18n/format.ts'
import { chartText, chartTooltip, hairline, still, type ChartFrame } from '../../parts/chart-theme.ts'
import { hourLabels } from '../../parts/hour-labels.ts'

export interface LoadSeries {
  readonly timesMs: readonly number[]
  readonly loadKw: readonly (number | null)[]
}

/** From 10 MW on, megawatts: the axis of a province is as short as that of a village. */
export const loadUnit = (peakKw: number | null): 'kW' | 'MW' =>
  peakKw !== null && peakKw >= 10_000 ? 'MW' : 'kW'

export const formatLoad = (kw: number | null, unit: 'kW' | 'MW'): string =>
  unit === 'MW'
    ? formatNumber(kw === null ? null : kw / 1_000, 1)
    : formatNumber(kw, kw !== null && kw < 100 ? 1 : 0)

export function peakOf(series: LoadSeries): { readonly timeMs: number; readonly kw: number } | null {
  let peak: { timeMs: number; kw: number } | null = null
  series.loadKw.forEach((kw, index) => {
    if (kw !== null && (peak === null || kw > peak.kw)) peak = { timeMs: series.timesMs[index] as number, kw }
  })
  return peak
}

/** Load of a day as one line over a faint fill; a gap in the data is a gap in the line. */
export function loadCurveOption(series: LoadSeries, nowMs: number, frame: ChartFrame) {
  const unit = loadUnit(peakOf(series)?.kw ?? null)
  const divisor = unit === 'MW' ? 1_000 : 1
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
      formatter: ([point]: { value: [number, number | null] }[]) =>
        point
          ? `${formatTime(point.value[0], nowMs)}\u3000${formatLoad(point.value[1] === null ? null : point.value[1] * divisor, unit)} ${unit}`
          : '',
    },
    xAxis: {
      type: 'time',
      min: series.timesMs[0],
      max: series.timesMs.at(-1),
      axisLine: { lineStyle: hairline },
      axisTick: { show: false },
      splitLine: { show: false },
      axisLabel: {
        ...text,
        customValues: hourLabels(series.timesMs[0] ?? 0, series.timesMs.at(-1) ?? 0, 6),
        formatter: (ms: number) => formatTime(ms, ms),
      },
    },
    yAxis: {
      type: 'value',
      splitNumber: 2,
      axisLabel: { ...text, formatter: (value: number) => formatCount(value) },
      splitLine: { lineStyle: hairline },
    },
    series: [
      {
        type: 'line',
        showSymbol: false,
        connectNulls: false,
        lineStyle: { color: colour.text, width: px(2) },
        itemStyle: { color: colour.text },
        areaStyle: { color: colour.text, opacity: 0.08 },
        emphasis: { disabled: true },
        data: series.timesMs.map((ms, index) => {
          const kw = series.loadKw[index] ?? null
          return [ms, kw === null ? null : kw / divisor]
        }),
      },
    ],
  }
}
