import { Cartesian3, Matrix4, type CesiumWidget } from 'cesium'
import type { District } from '../district.ts'
import { keepFovy, fovyRad } from '../create-viewer.ts'
import type { AnimationStep, World } from '../stage.ts'
import { describeView, type View } from '../view.ts'
import { fitPose, type Insets } from './fit-box.ts'
import { clampPose, poseBetween, type Pose, type PoseLimits } from './pose.ts'
import type { Vector, Viewport } from './project.ts'

export interface Lens {
  readonly viewport: Viewport
  readonly insets: Insets
  readonly scale: number
}

export interface Camera {
  view(): View | null
  viewport(): Viewport
  limits(): PoseLimits | null
  home(): Pose | null
  /** Looks at a new district, or at the same one with a changed window. */
  frame(world: World, lens: Lens, keepsPose: boolean): void
  set(pose: Pose): void
  /**
   * Writes the same view again, each tick. The widget's data source display reads the camera's heading every tick, which turns the camera there
   * and back and leaves its axes off by 1e-15: enough for Cesium to think that it moved, and to draw the still wall for ever.
   */
  hold(): void
}

const homePitchDeg = 54
const minRangeM = 160
const scratch = new Cartesian3()

function limitsOf(district: District, home: Pose): PoseLimits {
  const xs = district.corners.map(([x]) => x)
  const ys = district.corners.map(([, y]) => y)
  const slack = district.radiusM * 0.15
  return {
    west: Math.min(...xs, home.x) - slack,
    east: Math.max(...xs, home.x) + slack,
    south: Math.min(...ys, home.y) - slack,
    north: Math.max(...ys, home.y) + slack,
    minRangeM,
    maxRangeM: home.rangeM * 1.25,
    minPitchDeg: 32,
    maxPitchDeg: 89,
  }
}

/** The camera as a pose, written to Cesium's camera in world coordinates. */
export function createCamera(widget: CesiumWidget): Camera {
  let world: World | null = null
  let lens: Lens = {
    viewport: { width: 1, height: 1, fovyRad },
    insets: { left: 0, right: 0, top: 0, bottom: 0 },
    scale: 1,
  }
  let home: Pose | null = null
  let limits: PoseLimits | null = null
  let view: View | null = null

  const write = (matrix: Matrix4, { basis }: View) => {
    const { camera } = widget
    const local = (v: Vector) => Cartesian3.fromElements(v[0], v[1], v[2], scratch)
    Matrix4.multiplyByPoint(matrix, local(basis.eye), camera.position)
    const turn = (axis: Vector, result: Cartesian3) =>
      Cartesian3.normalize(Matrix4.multiplyByPointAsVector(matrix, local(axis), result), result)
    turn(basis.forward, camera.direction)
    turn(basis.up, camera.up)
    turn(basis.right, camera.right)
  }
  const set = (pose: Pose) => {
    if (world === null || home === null || limits === null) return
    view = describeView(clampPose(pose, limits), lens.viewport, lens.scale, home.rangeM)
    write(world.modelMatrix, view)
  }
  return {
    view: () => view,
    viewport: () => lens.viewport,
    limits: () => limits,
    home: () => home,
    frame(nextWorld, nextLens, keepsPose) {
      world = nextWorld
      lens = nextLens
      const wasHome = view === null || view.pose === home
      const { viewport, insets } = lens
      keepFovy(widget, viewport.width, viewport.height)
      home = fitPose(world.district.corners, viewport, insets, { headingDeg: 0, pitchDeg: homePitchDeg })
      limits = limitsOf(world.district, home)
      set(keepsPose && !wasHome && view !== null ? view.pose : home)
      if (view !== null && (wasHome || !keepsPose)) view = { ...view, pose: home }
    },
    set,
    hold() {
      if (world !== null && view !== null) write(world.modelMatrix, view)
    },
  }
}

export interface Flight {
  readonly to: Pose
  readonly seconds: number
}

/** Steps of a flight from where the camera is; `done` is called once, also when the flight is broken off. */
export function createFlight(camera: Camera, flight: Flight, done: () => void): AnimationStep {
  const from = camera.view()?.pose ?? flight.to
  let startMs: number | null = null
  return (nowMs) => {
    startMs ??= nowMs
    const t = flight.seconds <= 0 ? 1 : (nowMs - startMs) / (flight.seconds * 1_000)
    camera.set(poseBetween(from, flight.to, t))
    if (t < 1) return 'draw'
    done()
    return 'done'
  }
}
