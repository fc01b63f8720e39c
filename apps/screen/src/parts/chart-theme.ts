import { colour, fontFamily, size } from '../app/theme.ts'

/** Sizes of a chart in pixels of the screen: charts do not know rem. */
export interface ChartFrame {
  /** Pixels of the screen for one at the base. */
  readonly scale: number
}

export const chartText = ({ scale }: ChartFrame) => ({
  color: colour.textMuted,
  fontFamily,
  fontSize: size.textSmall * scale,
})

export const hairline = { color: colour.hairline, width: 1 } as const

export const chartTooltip = (frame: ChartFrame) => ({
  trigger: 'axis' as const,
  confine: true,
  transitionDuration: 0,
  backgroundColor: colour.raised,
  borderColor: colour.hairline,
  padding: 8 * frame.scale,
  textStyle: { ...chartText(frame), color: colour.text },
  axisPointer: { lineStyle: { color: colour.accent, width: 1, type: 'solid' as const } },
})

/** Nothing in a chart moves by itself. */
export const still = { animation: false } as const
