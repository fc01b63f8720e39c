import { createRandom, smoothNoise } from '../seeded/random.ts'
import type { Path, Point } from './plane.ts'
import { add, between, distance, normalOf, times, turned } from './plane.ts'
import { riverNames } from './names.ts'
import { isInsideRing } from './outline.ts'
import { smoothed } from './shape-path.ts'

export interface River {
  readonly name: string
  readonly path: Path
}

/** One river through the county, and two that join it. They swing widely and meander on the way. */
export function makeRivers(seed: number, outline: Path, radiusM: number): River[] {
  const random = createRandom(seed, 20)
  const heading = random.between(-0.5, 0.1)
  const main = insideOnly(
    Array.from({ length: 260 }, (_, i): Point => {
      const s = i / 259
      const swing = smoothNoise(seed, 21, s * 4) * radiusM * 0.2
      const meander = smoothNoise(seed, 22, s * 34) * radiusM * 0.045
      return turned([(s - 0.5) * 3 * radiusM, swing + meander], heading)
    }),
    outline,
  )
  const sides = random.next() < 0.5 ? [1, -1] : [-1, 1]
  const tributaries = sides.map((towards, i) => {
    const joint =
      main[Math.floor(main.length * (i === 0 ? random.between(0.3, 0.42) : random.between(0.55, 0.68)))]!
    const from = add(joint, turned([-radiusM * random.between(0.25, 0.5), towards * radiusM * 1.4], heading))
    const normal = normalOf(from, joint)
    const path = Array.from({ length: 90 }, (_, k): Point => {
      const s = k / 89
      const calm = Math.min(1, (1 - s) * 5)
      const aside =
        smoothNoise(seed, 23 + i, s * 4) * radiusM * 0.13 +
        smoothNoise(seed, 26 + i, s * 19) * radiusM * 0.036
      return add(between(from, joint, s), times(normal, aside * calm))
    })
    return { name: riverNames[i + 1]!, path: smoothed(withoutTurningBack(insideOnly(path, outline)), 2) }
  })
  return [{ name: riverNames[0], path: smoothed(main, 2) }, ...tributaries]
}

/** The last run of points inside the outline, with one more at each end so that the river leaves the county. */
function insideOnly(path: Path, outline: Path): Path {
  const inside = path.map((point) => isInsideRing(point, outline))
  const last = inside.lastIndexOf(true)
  const first = inside.indexOf(true)
  return first < 0 ? path : path.slice(Math.max(0, first - 1), last + 2)
}

const withoutTurningBack = (path: Path): Path =>
  path.filter((point, i) => i === 0 || distance(point, path[i - 1]!) > 1)
