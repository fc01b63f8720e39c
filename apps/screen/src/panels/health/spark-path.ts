import type { TrendPoint } from '../../figures/health-trend.ts'

export interface Spark {
  /** SVG path in a box of the given size; several pieces where the value was not known. */
  readonly path: string
  readonly lowest: number | null
}

/**
 * A trend as a path. The scale spans the values, but at least `leastSpan` points, so that a quiet day is a flat line and not a mountain range.
 */
export function sparkPath(
  points: readonly TrendPoint[],
  width: number,
  height: number,
  leastSpan = 2,
): Spark {
  const values = points.map(({ percent }) => percent).filter((value): value is number => value !== null)
  const first = points[0]
  const last = points.at(-1)
  if (values.length === 0 || !first || !last || first === last) return { path: '', lowest: null }
  const highest = Math.min(100, Math.max(...values))
  const lowest = Math.min(...values)
  const floor = Math.min(lowest, highest - leastSpan)
  const spanMs = last.timeMs - first.timeMs
  let isPenDown = false
  const path = points.map(({ timeMs, percent }) => {
    if (percent === null) {
      isPenDown = false
      return ''
    }
    const x = ((timeMs - first.timeMs) / spanMs) * width
    const y = height - ((percent - floor) / (highest - floor)) * height
    const move = isPenDown ? 'L' : 'M'
    isPenDown = true
    return `${move}${x.toFixed(1)} ${y.toFixed(1)}`
  })
  return { path: path.join(''), lowest }
}
