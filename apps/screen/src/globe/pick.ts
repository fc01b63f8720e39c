import { Cartesian2 } from 'cesium'
import { isInside } from '@gridkeeper/domain'
import type { Selection } from '../live/twin.ts'
import { groundAt } from './camera/project.ts'
import type { Stage } from './stage.ts'

/** What layers hang on their primitives. */
export interface PickTarget {
  readonly selection: Selection
}

const tolerancePx = { mouse: 13, touch: 33 }
const scratch = new Cartesian2()

const selectionOf = (picked: unknown): Selection | null => {
  if (typeof picked !== 'object' || picked === null) return null
  // Buffer primitives give back the pick object itself, billboards put it under `id`.
  for (const candidate of [picked, (picked as { id?: unknown }).id]) {
    if (typeof candidate === 'object' && candidate !== null && 'selection' in candidate)
      return (candidate as PickTarget).selection
  }
  return null
}

/** The thing drawn nearest to a pixel, within a few pixels; else the grid of the ground there; else null. */
export function pick(stage: Stage, px: number, py: number, isTouch = false): Selection | null {
  const room = isTouch ? tolerancePx.touch : tolerancePx.mouse
  const thing = selectionOf(stage.scene.pick(Cartesian2.fromElements(px, py, scratch), room, room))
  return thing ?? pickGrid(stage, px, py)
}

export function pickGrid(stage: Stage, px: number, py: number): Selection | null {
  const view = stage.view()
  const district = stage.world.value?.district
  if (view === null || district === undefined) return null
  const ground = groundAt(view.basis, view.viewport, px, py)
  if (ground === null) return null
  const place = district.frame.toPlace(ground[0], ground[1])
  const grid = district.leaves.find((leaf) => leaf.area !== null && isInside(place, leaf.area))
  return grid === undefined ? null : { type: 'grid', id: grid.id }
}
