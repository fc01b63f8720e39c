import { size } from './theme.ts'

/** How the wall is laid out: one factor for everything, and how many columns stand at each side (0 = folded into a drawer). */
export interface Layout {
  readonly scale: number
  readonly columnsPerSide: 0 | 1 | 2
}

const base = { width: 1920, height: 1080 }
/** Below it the smallest text would be under 11 px, so narrower screens get less scene instead of smaller text. */
const leastScale = 0.6875
const leastLogicalWidth = 1200
const leastLogicalHeight = 640
/** Two columns at each side leave a scene at least as wide as at the base. */
const doubleColumnWidth = base.width + 2 * (size.column + size.gap)

export function layoutFor(width: number, height: number): Layout {
  const fitting = Math.min(width / base.width, height / base.height)
  const scale = Math.max(fitting, leastScale)
  if (width / scale < leastLogicalWidth || height / scale < leastLogicalHeight) {
    // A phone in the hand is read from near: its own 16 px is right.
    return { scale: Math.min(width, height) < 600 ? 1 : 0.875, columnsPerSide: 0 }
  }
  return { scale, columnsPerSide: width / scale >= doubleColumnWidth ? 2 : 1 }
}
