import type { Keeper, KeeperChange } from '@gridkeeper/contracts'
import type { Basis } from '../../globe/camera/project.ts'
import type { Detail } from '../../globe/view.ts'

/** How one keeper is drawn; null while off duty or without a place. */
export interface KeeperVisual {
  readonly image: string
  readonly sizePx: number
  readonly bearingDeg: number | null
  readonly alpha: number
  /** Drawn behind, turned towards the bearing. */
  readonly wedge: { readonly image: string; readonly sizePx: number } | null
}

/** A position older than this, by the newest message of all, is shown as old. */
export const staleMs = 5 * 60_000

const sizes: Record<Detail, number> = { far: 17, middle: 21, near: 34 }

/** The surname for a Chinese name, the first letter for another. */
export const initialOf = (name: string): string => [...name.trim()][0]?.toUpperCase() ?? '·'

export function keeperVisual(
  keeper: Keeper,
  change: KeeperChange | undefined,
  newestMs: number | null,
  detail: Detail,
): KeeperVisual | null {
  if (change === undefined || change.state === 0 || change.timeMs === null) return null
  const isStale = newestMs !== null && newestMs - change.timeMs > staleMs
  const sizePx = sizes[detail]
  const shared = { sizePx, bearingDeg: change.bearingDeg, alpha: isStale ? 0.4 : 1 }
  if (detail !== 'near')
    return { ...shared, image: change.bearingDeg === null ? 'person' : 'arrow', wedge: null }
  const wedge = change.bearingDeg === null ? null : { image: 'wedge', sizePx: sizePx * 1.9 }
  return { ...shared, image: `person ${initialOf(keeper.name)}`, wedge }
}

/** How far a bearing on the ground is turned on the screen, clockwise from up; the tilt of the view shortens it. */
export function screenTurnRad(bearingDeg: number, basis: Pick<Basis, 'right' | 'up'>): number {
  const east = Math.sin((bearingDeg * Math.PI) / 180)
  const north = Math.cos((bearingDeg * Math.PI) / 180)
  return Math.atan2(east * basis.right[0] + north * basis.right[1], east * basis.up[0] + north * basis.up[1])
}

/** Corners of a wedge that points up, about 0, 0: its tip at `radius`, its feet on a circle of `foot`, each `spreadDeg` from the tip. */
export function wedgeCorners(
  radius: number,
  foot: number,
  spreadDeg: number,
): readonly (readonly [number, number])[] {
  const spread = (spreadDeg * Math.PI) / 180
  const [x, y] = [foot * Math.sin(spread), -foot * Math.cos(spread)]
  return [
    [0, -radius],
    [x, y],
    [-x, y],
  ]
}
