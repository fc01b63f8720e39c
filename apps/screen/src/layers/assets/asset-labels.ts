import { assetState } from '@gridkeeper/domain'
import { obstacle, type Label } from '../../globe/labels/label.ts'
import { isAlarming, type AssetStates } from '../asset-states.ts'

const mostNames = 24
const mostObstacles = 60

export interface NamedAssets {
  /** Place in the catalogue of the chosen asset. */
  readonly chosen: number | null
  /** Shown as glyphs: near enough to be named when in alarm. */
  readonly near: Iterable<number>
  /** Shown with any sprite. */
  readonly marked: Iterable<number>
  readonly placeOf: (index: number) => { readonly x: number; readonly y: number; readonly z: number }
}

/** Names of the chosen asset and of alarms near by; and room kept clear around critical marks, so that no count stands on one. */
export function assetLabels(states: AssetStates, { chosen, near, marked, placeOf }: NamedAssets): Label[] {
  const obstacles = firstOf(marked, mostObstacles, (index) => states.byAsset[index] === assetState.critical)
  const alarming = firstOf(near, mostNames, (index) => isAlarming(states.byAsset[index]!))
  const named = chosen === null ? alarming : [...new Set([chosen, ...alarming])]
  return [
    ...obstacles.map((index) => {
      const { x, y, z } = placeOf(index)
      return obstacle(`clear ${index}`, x, y, z)
    }),
    ...named.map((index): Label => {
      const asset = states.district.catalogue.assets[index]!
      const priority = index === chosen ? 9 : 5 + states.byAsset[index]!
      return {
        key: `asset ${asset.id}`,
        ...placeOf(index),
        look: 'asset',
        text: asset.name,
        priority,
        dropPx: index === chosen ? 56 : 42,
      }
    }),
  ]
}

function firstOf(indexes: Iterable<number>, limit: number, isWanted: (index: number) => boolean): number[] {
  const found: number[] = []
  for (const index of indexes) {
    if (found.length >= limit) break
    if (isWanted(index)) found.push(index)
  }
  return found
}
