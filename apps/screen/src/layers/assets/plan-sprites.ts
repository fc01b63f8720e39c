import { assetStateNames, findKind } from '@gridkeeper/domain'
import { stateShape } from '../../app/theme.ts'
import type { District } from '../../globe/district.ts'
import { isAlarming, type AssetStates } from '../asset-states.ts'
import { markVisual } from './asset-visual.ts'

/** Which sprite an asset has besides its point: a mark when in alarm, a glyph of its kind when near; told by the image it shows. */
export interface AssetSprite {
  readonly image: string
  readonly sizePx: number
}

const markImageKey = (state: number): string => `mark any ${state}`
const glyphImageKey = (symbol: string, state: number): string => `glyph ${symbol} ${state}`
export const ringImageKey = { thin: 'ring thin 0', thick: 'ring thick 0' } as const

/** A kind's symbol may hold spaces. */
export function readImageKey(key: string): {
  readonly what: string
  readonly symbol: string
  readonly state: number
} {
  const [what = '', ...rest] = key.split(' ')
  return { what, symbol: rest.slice(0, -1).join(' '), state: Number(rest.at(-1)) }
}

const glyphPx = { quiet: 30, alarming: 50 }

export function spriteOf(
  states: AssetStates,
  index: number,
  isGlyph: boolean,
  leastMarked: number,
): AssetSprite | null {
  const state = states.byAsset[index]!
  if (isGlyph) {
    const asset = states.district.catalogue.assets[index]!
    const symbol = findKind(asset.kind)?.symbol ?? asset.kind
    return {
      image: glyphImageKey(symbol, state),
      sizePx: isAlarming(state) ? glyphPx.alarming : glyphPx.quiet,
    }
  }
  const mark = markVisual(state)
  return mark === null || state < leastMarked ? null : { image: markImageKey(state), sizePx: mark.sizePx }
}

/** The shape a state has everywhere. */
export const shapeOf = (state: number) => stateShape[assetStateNames[state] ?? 'unknown']

/** Local x, y of every asset, for the search below. */
export function assetPlaces(district: District): Float32Array {
  const out = new Float32Array(district.catalogue.assets.length * 2)
  district.catalogue.assets.forEach((asset, index) => {
    const [x, y] = district.frame.toLocal(asset.lon, asset.lat)
    out[index * 2] = x
    out[index * 2 + 1] = y
  })
  return out
}

/** The at most `limit` places nearest to a point and within `radiusM` of it. One pass of plain arithmetic over all places. */
export function nearestPlaces(
  places: Float32Array,
  x: number,
  y: number,
  radiusM: number,
  limit: number,
): Set<number> {
  const inside: { index: number; squared: number }[] = []
  const most = radiusM * radiusM
  for (let i = 0; i < places.length; i += 2) {
    const dx = places[i]! - x
    const dy = places[i + 1]! - y
    const squared = dx * dx + dy * dy
    if (squared <= most) inside.push({ index: i / 2, squared })
  }
  if (inside.length > limit) {
    inside.sort((a, b) => a.squared - b.squared)
    inside.length = limit
  }
  return new Set(inside.map(({ index }) => index))
}
