import type { AssetStateName } from '@gridkeeper/domain'

/** A text that stands at a point of the scene. Texts are HTML above the canvas: crisp at any size, in the page's own fonts. */
export interface Label {
  readonly key: string
  readonly x: number
  readonly y: number
  readonly z: number
  readonly look: 'station' | 'grid' | 'village' | 'asset' | 'keeper'
  readonly text: string
  /** Counts beside or under the text; the state gives colour and shape. */
  readonly counts?: readonly { readonly state: AssetStateName; readonly text: string }[]
  /** Of how many, quieter, after the counts. */
  readonly total?: string
  /** Greater first when two want the same room. */
  readonly priority: number
  /** CSS pixels from the point down to the label's middle, at the base. */
  readonly dropPx?: number
  /** Where there is no room for it: `move` beside its place, `shorten` to its counts alone. */
  readonly whenTight?: readonly ('move' | 'shorten')[]
}

/** Room that labels keep clear of, such as a critical mark; nothing is written there. */
export const obstacle = (key: string, x: number, y: number, z: number): Label => ({
  key,
  x,
  y,
  z,
  look: 'asset',
  text: '',
  priority: 100,
})
