import type { LonLat } from '@gridkeeper/domain'
import type { LocalFrame } from '../globe/local-frame.ts'

/** A straight line longer than this would dip visibly under the curved ground. */
const longestStepM = 1_500

/** Local x, y, z of a path, with points added where its steps are long. Empty for less than two different places. */
export function pathPositions(frame: LocalFrame, path: readonly LonLat[], heightM: number): Float32Array {
  const out: number[] = []
  let previous: LonLat | null = null
  let px = 0
  let py = 0
  const at: [number, number, number] = [0, 0, 0]
  for (const place of path) {
    frame.write(at, 0, place[0], place[1], heightM)
    const [x, y, z] = at
    if (previous === null) out.push(x, y, z)
    else {
      const stepM = Math.hypot(x - px, y - py)
      if (stepM < 0.05) continue
      const parts = Math.ceil(stepM / longestStepM)
      for (let i = 1; i < parts; i++) {
        const t = i / parts
        frame.write(
          at,
          0,
          previous[0] + (place[0] - previous[0]) * t,
          previous[1] + (place[1] - previous[1]) * t,
          heightM,
        )
        out.push(at[0], at[1], at[2])
      }
      out.push(x, y, z)
    }
    previous = place
    px = x
    py = y
  }
  return out.length >= 6 ? new Float32Array(out) : new Float32Array(0)
}

/** Cuts a line of local positions into dashes of `dashM` with `gapM` between them. */
export function dashes(positions: Float32Array, dashM: number, gapM: number): Float32Array[] {
  const out: Float32Array[] = []
  let current: number[] = []
  let isDash = true
  let left = dashM
  const end = () => {
    if (current.length >= 6) out.push(new Float32Array(current))
    current = []
  }
  for (let i = 0; i + 5 < positions.length; i += 3) {
    const from = positions.subarray(i, i + 3)
    const to = positions.subarray(i + 3, i + 6)
    const stepM = Math.hypot(to[0]! - from[0]!, to[1]! - from[1]!, to[2]! - from[2]!)
    const point = (t: number) => [0, 1, 2].map((k) => from[k]! + (to[k]! - from[k]!) * t)
    let at = 0
    if (isDash && current.length === 0) current.push(...point(0))
    while (stepM - at > left) {
      at += left
      if (isDash) {
        current.push(...point(at / stepM))
        end()
      } else current.push(...point(at / stepM))
      isDash = !isDash
      left = isDash ? dashM : gapM
    }
    left -= stepM - at
    if (isDash) current.push(...point(1))
  }
  end()
  return out
}

/** Leaves out points that stand less than `toleranceM` beside the line without them (Douglas–Peucker). The ends stay. */
export function simplify(positions: Float32Array, toleranceM: number): Float32Array {
  const count = positions.length / 3
  if (count < 3) return positions
  const isKept = new Uint8Array(count)
  isKept[0] = isKept[count - 1] = 1
  const open: [number, number][] = [[0, count - 1]]
  for (let span = open.pop(); span !== undefined; span = open.pop()) {
    const [from, to] = span
    let farthest = -1
    let mostM = toleranceM
    for (let i = from + 1; i < to; i++) {
      const aside = distanceToSpanM(positions, i, from, to)
      if (aside > mostM) [farthest, mostM] = [i, aside]
    }
    if (farthest < 0) continue
    isKept[farthest] = 1
    open.push([from, farthest], [farthest, to])
  }
  return positions.filter((_, i) => isKept[Math.floor(i / 3)] === 1)
}

/** Of one point of a line from the straight span between two others, seen from above. */
function distanceToSpanM(positions: Float32Array, point: number, from: number, to: number): number {
  const x = (i: number) => positions[i * 3]!
  const y = (i: number) => positions[i * 3 + 1]!
  const dx = x(to) - x(from)
  const dy = y(to) - y(from)
  const squared = dx * dx + dy * dy
  const along = squared === 0 ? 0 : ((x(point) - x(from)) * dx + (y(point) - y(from)) * dy) / squared
  const t = Math.min(1, Math.max(0, along))
  return Math.hypot(x(point) - x(from) - dx * t, y(point) - y(from) - dy * t)
}
