import { assetState, assetStateNames, type AssetState } from '@gridkeeper/domain'
import { stateColour, stateShape, type StateShape } from '../../app/theme.ts'
import type { Detail } from '../../globe/view.ts'
import { rgbOf, type Rgb } from '../colour.ts'
import { isAlarming } from '../asset-states.ts'

/** The point of an asset that is not in alarm: a disc, or hollow. Sizes in pixels at the base. */
export interface PointVisual {
  readonly rgb: Rgb
  readonly alpha: number
  readonly sizePx: number
  readonly outlinePx: number
  readonly outlineAlpha: number
  /** An asset in alarm stands as a mark instead. */
  readonly isShown: boolean
}

const hidden: PointVisual = {
  rgb: [0, 0, 0],
  alpha: 0,
  sizePx: 1,
  outlinePx: 0,
  outlineAlpha: 0,
  isShown: false,
}
const disc = (state: AssetState, sizePx: number, alpha: number): PointVisual => ({
  rgb: rgbOf(stateColour[assetStateNames[state]!]),
  alpha,
  sizePx,
  outlinePx: 0,
  outlineAlpha: 0,
  isShown: true,
})
const hollow = (state: AssetState, sizePx: number, outlinePx: number, alpha: number): PointVisual => ({
  ...disc(state, sizePx, 0),
  outlinePx,
  outlineAlpha: alpha,
})

export const pointVisuals: readonly PointVisual[] = assetStateNames.map((_, state) => {
  if (isAlarming(state)) return hidden
  if (state === assetState.silent) return hollow(assetState.silent, 4, 1.5, 0.85)
  if (state === assetState.unknown) return hollow(assetState.unknown, 3, 1, 0.45)
  return disc(assetState.normal, 5, 0.65)
})

/** The mark of an asset in alarm: greater the worse, so that the worst is seen first even in grey. */
export interface MarkVisual {
  readonly shape: StateShape
  readonly rgb: Rgb
  readonly sizePx: number
}

const markSizePx: Partial<Record<AssetState, number>> = {
  [assetState.attention]: 15,
  [assetState.warning]: 20,
  [assetState.critical]: 30,
}

export function markVisual(state: number): MarkVisual | null {
  const name = assetStateNames[state]
  const sizePx = markSizePx[state as AssetState]
  if (name === undefined || sizePx === undefined) return null
  return { shape: stateShape[name], rgb: rgbOf(stateColour[name]), sizePx }
}

/** Far away the counts by grid tell the rest: only the worst keeps its own place, for it is what the eye must find. */
export const leastMarkedState = (detail: Detail): AssetState =>
  detail === 'far' ? assetState.critical : assetState.attention
