import { createRandom } from '../seeded/random.ts'
import type { Path, Point } from './plane.ts'

/** About 40 × 30 km for the default size: an ellipse with bays and capes. */
export function makeOutline(seed: number, radiusM: number): Path {
  const random = createRandom(seed, 10)
  const waves = Array.from({ length: 9 }, (_, k) => ({
    turns: k + 2,
    size: (random.between(0.4, 1) * 0.1) / Math.sqrt(k + 1),
    phase: random.between(0, 2 * Math.PI),
  }))
  return Array.from({ length: 72 }, (_, i): Point => {
    const angle = (i / 72) * 2 * Math.PI
    const factor = waves.reduce((sum, wave) => sum + wave.size * Math.cos(wave.turns * angle + wave.phase), 1)
    return [
      Math.round(Math.cos(angle) * factor * radiusM * 1.17 * 10) / 10,
      Math.round(Math.sin(angle) * factor * radiusM * 0.87 * 10) / 10,
    ]
  })
}

/** Even-odd rule on an open ring. */
export function isInsideRing([x, y]: Point, ring: Path): boolean {
  let inside = false
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i]!
    const [xj, yj] = ring[j]!
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside
  }
  return inside
}

/** Signed: positive for a ring that turns left. */
export function ringArea(ring: Path): number {
  let sum = 0
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    sum += ring[j]![0] * ring[i]![1] - ring[i]![0] * ring[j]![1]
  }
  return sum / 2
}

export function ringCentre(ring: Path): Point {
  const area = ringArea(ring)
  let x = 0
  let y = 0
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i]!
    const [xj, yj] = ring[j]!
    const cross = xj * yi - xi * yj
    x += (xj + xi) * cross
    y += (yj + yi) * cross
  }
  return [x / (6 * area), y / (6 * area)]
}
