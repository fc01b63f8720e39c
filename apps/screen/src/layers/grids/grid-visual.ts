import type { Grid } from '@gridkeeper/contracts'
import { assetState, assetStateNames, type AssetState } from '@gridkeeper/domain'
import { colour, sceneColour, stateColour } from '../../app/theme.ts'
import type { District } from '../../globe/district.ts'
import type { Label } from '../../globe/labels/label.ts'
import type { Detail } from '../../globe/view.ts'
import { tallyOf, type AssetStates, type GridTally } from '../asset-states.ts'
import { groundRgb, mix, rgbOf, surfaceRgb, type Rgb } from '../colour.ts'
import { height } from '../heights.ts'
import type { LineVisual } from '../line-batch.ts'
import { pathPositions } from '../path-geometry.ts'

/**
 * A breath of the worst state over the district's surface: seen beside its neighbours, never louder than a point in alarm. Attention has none:
 * a grid almost always holds one, and then nothing would stand out.
 */
const breath: Readonly<Record<AssetState, number>> = {
  [assetState.normal]: 0,
  [assetState.attention]: 0,
  [assetState.warning]: 0.06,
  [assetState.critical]: 0.17,
  [assetState.silent]: 0,
  [assetState.unknown]: 0,
}
const stateRgb = assetStateNames.map((name) => rgbOf(stateColour[name]))
const baseFill = surfaceRgb
const chosenTint = rgbOf(colour.accent)

/** Inside a grid its own fill says nothing any more and would drown what stands on it. */
const breathByDetail: Record<Detail, number> = { far: 1, middle: 0.4, near: 0 }

export function fillOf(tally: Pick<GridTally, 'worst'>, isChosen: boolean, detail: Detail): Rgb {
  const fill = mix(stateRgb[tally.worst]!, baseFill, breath[tally.worst] * breathByDetail[detail])
  if (detail === 'near') return fill
  return isChosen ? mix(chosenTint, fill, 0.1) : fill
}

const border = rgbOf(sceneColour.gridBorder)

function borderLook(district: District, grid: Grid): { rgb: Rgb; width: number; heightM: number } {
  const isLeaf = district.leaves.includes(grid)
  if (isLeaf && grid.level > 1)
    return { rgb: mix(border, groundRgb, 0.7), width: 1.1, heightM: height.patrolBorder }
  if (grid.level === 0)
    return { rgb: mix(rgbOf(colour.textMuted), groundRgb, 0.75), width: 2.4, heightM: height.stationBorder }
  return { rgb: mix(border, rgbOf(colour.textMuted), 0.8), width: 2, heightM: height.stationBorder }
}

/** The thin ones first, so that a station's border lies over those of its patrol grids. */
export const gridBorders = (district: District, scale: number): LineVisual[] =>
  district.catalogue.grids
    .filter((grid) => grid.area !== null)
    .toSorted((a, b) => b.level - a.level)
    .flatMap((grid) => {
      const { rgb, width, heightM } = borderLook(district, grid)
      return ringsOf(grid).map((ring) => ({
        rgb,
        width: width * scale,
        positions: pathPositions(district.frame, ring, heightM),
      }))
    })

export const ringsOf = (grid: Grid) => (grid.area ?? []).flat()

/** The middle of the largest part's box: steady while the counts change, and near enough to the middle of the area. */
export function anchorOf(district: District, grid: Grid): [x: number, y: number, z: number] {
  const rings = (grid.area ?? []).map(([outer]) => outer ?? [])
  const outer = rings.toSorted((a, b) => b.length - a.length)[0] ?? []
  let [lon, lat, area] = [0, 0, 0]
  const [lon0, lat0] = outer[0] ?? [0, 0]
  for (let i = 1; i < outer.length; i++) {
    const [ax, ay] = [outer[i - 1]![0] - lon0, outer[i - 1]![1] - lat0]
    const [bx, by] = [outer[i]![0] - lon0, outer[i]![1] - lat0]
    const cross = ax * by - bx * ay
    area += cross
    lon += (ax + bx) * cross
    lat += (ay + by) * cross
  }
  if (area === 0) return district.frame.toLocal(lon0, lat0)
  return district.frame.toLocal(lon0 + lon / (3 * area), lat0 + lat / (3 * area))
}

const thousands = new Intl.NumberFormat('en-US')

/** Far away the counts by severity and the total stand for the points; nearer, the name alone. */
export function gridLabel(
  states: AssetStates,
  leaf: number,
  anchor: readonly [number, number, number],
  detail: Detail,
): Label {
  const grid = states.district.leaves[leaf]!
  const tally = tallyOf(states, leaf)
  const [x, y, z] = anchor
  const base = { key: `grid ${grid.id}`, x, y, z, look: 'grid' as const, text: grid.name }
  if (detail !== 'far') return { ...base, priority: 2 }
  const worstFirst = [assetState.critical, assetState.warning, assetState.attention] as const
  const counts = worstFirst
    .filter((state) => tally.counts[state]! > 0)
    .map((state) => ({ state: assetStateNames[state]!, text: thousands.format(tally.counts[state]!) }))
  const total = thousands.format(tally.total)
  const quiet = { state: quietState(tally), text: total }
  if (counts.length === 0) return { ...base, counts: [quiet], priority: 2, whenTight: ['shorten'] }
  return {
    ...base,
    counts: counts.slice(0, 2),
    total,
    priority: 2 + badnessOf(tally),
    whenTight: tightWays(tally),
  }
}

/** A grid without an alarm is normal only as far as anybody in it speaks. */
const quietState = ({ counts }: GridTally): 'normal' | 'silent' | 'unknown' => {
  if (counts[assetState.normal]! > 0) return 'normal'
  return counts[assetState.silent]! > 0 ? 'silent' : 'unknown'
}

const badnessOf = ({ counts }: GridTally): number =>
  counts[assetState.critical]! > 0
    ? 3
    : counts[assetState.warning]! > 0
      ? 2
      : counts[assetState.attention]! > 0
        ? 1
        : 0

/** A grid with a critical mark in it keeps its name and steps aside; any other keeps its place and gives up its name. */
const tightWays = (tally: GridTally): readonly ('move' | 'shorten')[] =>
  badnessOf(tally) === 3 ? ['move', 'shorten'] : ['shorten']
