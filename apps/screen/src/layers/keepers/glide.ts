/** A keeper on the way from one fix to the next. Places in the district's frame. */
export interface Glide {
  readonly fromX: number
  readonly fromY: number
  readonly toX: number
  readonly toY: number
  readonly startMs: number
  readonly lengthMs: number
}

const longestMs = 8_000
const shortestMs = 300
/** A jump farther than this is no walk: the keeper stands there at once. */
const jumpM = 2_000

/** Takes as long as the fixes are apart, so that the next fix finds the keeper just arriving. */
export function startGlide(
  from: { readonly x: number; readonly y: number },
  to: { readonly x: number; readonly y: number },
  fixIntervalMs: number | null,
  nowMs: number,
): Glide {
  const isJump = Math.hypot(to.x - from.x, to.y - from.y) > jumpM
  const lengthMs =
    isJump || fixIntervalMs === null ? 0 : Math.min(longestMs, Math.max(shortestMs, fixIntervalMs))
  return { fromX: from.x, fromY: from.y, toX: to.x, toY: to.y, startMs: nowMs, lengthMs }
}

export const isOver = (glide: Glide, nowMs: number): boolean => nowMs - glide.startMs >= glide.lengthMs

export function glideAt(glide: Glide, nowMs: number): { readonly x: number; readonly y: number } {
  const t = isOver(glide, nowMs) ? 1 : Math.max(0, (nowMs - glide.startMs) / glide.lengthMs)
  return { x: glide.fromX + (glide.toX - glide.fromX) * t, y: glide.fromY + (glide.toY - glide.fromY) * t }
}
