import { createRandom, smoothNoise } from '../seeded/random.ts'
import type { Path, Point } from './plane.ts'
import { add, turned } from './plane.ts'

/** What one transformer feeds: a piece of a main street and the lane that crosses it there. */
export interface Block {
  readonly transformer: Point
  readonly street: Path
  readonly lane: Path
}

export interface Streets {
  readonly blocks: readonly Block[]
  /** 10 kV from the middle of the settlement past its transformers. */
  readonly spurs: readonly Path[]
  /** Closed ring around the houses. */
  readonly ring: Path
  /** Every street and lane, for covers. */
  readonly ways: readonly Path[]
}

const blockLengthM = 190
const blockDepthM = 150

/**
 * The streets of a settlement for `count` transformers, along the road that leads to it: a hamlet is one cross, a village a main
 * street with lanes, a town a warped lattice.
 */
export function makeStreets(
  seed: number,
  index: number,
  centre: Point,
  angle: number,
  count: number,
): Streets {
  const random = createRandom(seed, 100_000 + index)
  const rows = count <= 3 ? 1 : Math.max(2, Math.round(Math.sqrt(count * 0.7)))
  const columns = Math.max(1, Math.ceil(count / rows))
  const bow = random.between(-0.5, 0.5)
  const place = (column: number, row: number): Point => {
    const x = (column - columns / 2) * blockLengthM
    const y = (row - (rows - 1) / 2) * blockDepthM
    const warp = rows > 1 ? 26 : 14
    const aside = smoothNoise(seed, 200_000 + index, x / 260 + row * 7.3) * warp + bow * (x / 400) ** 2 * 30
    const along = smoothNoise(seed, 300_000 + index, y / 210 + column * 5.1) * warp
    return add(centre, turned([x + along, y + aside], angle))
  }
  const pieces = (from: readonly [number, number], to: readonly [number, number], steps: number): Path =>
    Array.from({ length: steps + 1 }, (_, i) =>
      place(from[0] + ((to[0] - from[0]) * i) / steps, from[1] + ((to[1] - from[1]) * i) / steps),
    )

  // Middle places first, so that the outermost ones stay empty when the lattice is larger than needed.
  const cells = Array.from(
    { length: rows * columns },
    (_, i) => [i % columns, Math.floor(i / columns)] as const,
  )
    .map(([column, row]) => ({
      column,
      row,
      out: Math.hypot((column + 0.5 - columns / 2) * 1.2, row - (rows - 1) / 2) + random.between(0, 0.6),
    }))
    .sort((a, b) => a.out - b.out)
    .slice(0, count)
    .sort((a, b) => a.row - b.row || a.column - b.column)

  const blocks = cells.map(({ column, row }): Block => {
    const reach = rows > 1 ? 0.5 : random.between(0.42, 0.75)
    const reachBack = rows > 1 ? 0.5 : random.between(0.3, 0.7)
    const at = column + random.between(0.4, 0.6)
    const corner = place(at + 0.06, row + 0.09)
    return {
      transformer: corner,
      street: pieces([column, row], [column + 1, row], 4),
      lane: pieces([at, row - reachBack], [at, row + reach], 3),
    }
  })
  const spurs: Path[] = []
  const hubs: Point[] = []
  for (let row = 0; row < rows; row++) {
    const inRow = cells.flatMap((cell, i) => (cell.row === row ? [blocks[i]!.transformer] : []))
    if (inRow.length === 0) continue
    if (inRow.length > 1) spurs.push(inRow)
    hubs.push(inRow[Math.floor(inRow.length / 2)]!)
  }
  const middle = Math.floor(hubs.length / 2)
  spurs.push([centre, hubs[middle]!])
  for (let i = 1; i < hubs.length; i++) spurs.push([hubs[i - 1]!, hubs[i]!])

  const corners = Array.from({ length: 22 }, (_, i): Point => {
    const turn = (i / 22) * 2 * Math.PI
    const rough = 1 + smoothNoise(seed, 400_000 + index, i / 2.2) * 0.14
    const halfLength = (columns * blockLengthM) / 2 + 75
    const halfDepth = ((rows - 1) * blockDepthM) / 2 + 130
    // A superellipse lies between the ellipse that cuts corners and the box that has them.
    const [c, s] = [Math.cos(turn), Math.sin(turn)]
    const scale = rough / (Math.abs(c) ** 2.6 + Math.abs(s) ** 2.6) ** (1 / 2.6)
    const sag = bow * ((c * halfLength) / 400) ** 2 * 30
    return add(centre, turned([c * scale * halfLength, s * scale * halfDepth + sag], angle))
  })
  return {
    blocks,
    spurs: spurs.map(([...points]) => (points.length === 1 ? [centre, ...points] : points)),
    ring: [...corners, corners[0]!],
    ways: blocks.flatMap(({ street, lane }) => [street, lane]),
  }
}
