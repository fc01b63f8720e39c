import type { AssetStateName } from '@gridkeeper/domain'

/**
 * Every colour and size of the wall, as data: CSS reads it as variables (`apply-theme.ts`), charts and scene read it directly.
 * State colours belong to states alone; `accent` to what can be touched or is chosen.
 */
export const colour = {
  ground: '#070b12',
  surface: '#0e1520',
  raised: '#18212f',
  hairline: '#263344',
  accent: '#5aa9ff',
  textStrong: '#f1f5f9',
  text: '#c3ced9',
  textMuted: '#8d9bab',
} as const

export const stateColour: Readonly<Record<AssetStateName, string>> = {
  normal: '#8fb5a6',
  attention: '#f5c542',
  warning: '#ff8b3d',
  critical: '#ff4d55',
  silent: '#97a3b1',
  unknown: '#7d8a99',
}

/** The same words for paper and sun: a page that an engineer reads in the field, on his phone, at noon. The wall is never so. */
export const daylightColour: Readonly<Record<keyof typeof colour, string>> = {
  ground: '#eef1f5',
  surface: '#ffffff',
  raised: '#e4e9ef',
  hairline: '#b9c3cf',
  accent: '#0a55a3',
  textStrong: '#05090f',
  text: '#1d2733',
  textMuted: '#465361',
}

export const daylightStateColour: Readonly<Record<AssetStateName, string>> = {
  normal: '#2a6350',
  attention: '#7d5600',
  warning: '#a63f00',
  critical: '#bd0f1b',
  silent: '#4b5866',
  unknown: '#56616d',
}

/** State is told twice: by colour and by shape. */
export type StateShape = 'dot' | 'triangle' | 'square' | 'diamond' | 'ring' | 'dashed-ring'
export const stateShape: Readonly<Record<AssetStateName, StateShape>> = {
  normal: 'dot',
  attention: 'triangle',
  warning: 'square',
  critical: 'diamond',
  silent: 'ring',
  unknown: 'dashed-ring',
}

/** Lines and fills of the scene that are no state. */
export const sceneColour = {
  river: '#16304a',
  road: '#253040',
  village: '#1b2634',
  gridBorder: '#35475c',
  gridChosen: '#5aa9ff',
  line10kv: '#b7c6d6',
  line04kv: '#6c7d90',
  tower: '#8292a4',
  keeper: '#f1f5f9',
  keeperOff: '#97a3b1',
} as const

export const fontFamily = "'Inter Variable', 'Noto Sans SC Variable', sans-serif"

/** Pixels at the base of 1920×1080; everything scales by one factor. */
export const size = {
  unit: 8,
  header: 64,
  column: 400,
  card: 416,
  timeBar: 56,
  gap: 16,
  textSmall: 16,
  textBody: 18,
  textTitle: 20,
  figureSmall: 28,
  figure: 40,
  figureLarge: 64,
} as const
