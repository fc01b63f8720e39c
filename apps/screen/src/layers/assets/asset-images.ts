import { assetStateNames, findKind } from '@gridkeeper/domain'
import { stateColour } from '../../app/theme.ts'
import { isAlarming } from '../asset-states.ts'
import { rgbOf } from '../colour.ts'
import { readImageKey, shapeOf } from './plan-sprites.ts'
import { glyphImage, markImage, ringImage } from './symbol-images.ts'

/** The picture behind an image key of an asset's sprites: a mark, a glyph or a ring. */
export function assetImage(key: string): HTMLCanvasElement {
  const { what, symbol, state } = readImageKey(key)
  if (what === 'ring') return ringImage(symbol === 'thick' ? 0.09 : 0.06)
  const rgb = rgbOf(stateColour[assetStateNames[state] ?? 'unknown'])
  if (what === 'mark') return markImage(shapeOf(state), rgb)
  const letter = (findKind(symbol)?.label.zh ?? symbol).slice(0, 1)
  return glyphImage(symbol, letter, shapeOf(state), rgb, isAlarming(state))
}
