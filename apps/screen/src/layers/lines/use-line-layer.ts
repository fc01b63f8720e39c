import type { BufferPolylineCollection } from 'cesium'
import { onScopeDispose, toValue, watch, type MaybeRefOrGetter } from 'vue'
import { colour } from '../../app/theme.ts'
import type { Stage, World } from '../../globe/stage.ts'
import type { Selection } from '../../live/twin.ts'
import { rgbOf } from '../colour.ts'
import { createLineBatch } from '../line-batch.ts'
import { useBatches } from '../use-batches.ts'
import { farLineVisuals, isBackbone, lineVisuals, towerVisuals } from './line-visual.ts'

/**
 * From afar the backbone in outline; near every line from tower to tower. The near part is built when one first comes near: tens of thousands of
 * poles cost some 100 ms once, which an overview never needs.
 */
export function useLineLayer(stage: Stage, selection: MaybeRefOrGetter<Selection | null>): void {
  let nearParts: BufferPolylineCollection[] | null = null
  let farPart: BufferPolylineCollection | null = null
  let chosen: BufferPolylineCollection | null = null

  const buildNear = (world: World) => {
    const { lines } = world.district.catalogue
    return [
      createLineBatch(
        world,
        lines.flatMap((line) => lineVisuals(world.district, line, world.scale)),
      ),
      createLineBatch(
        world,
        lines.flatMap((line) => towerVisuals(world.district, line, world.scale)),
      ),
    ].filter((part) => part !== null)
  }
  const clearNear = () => {
    for (const part of nearParts ?? []) stage.scene.primitives.remove(part)
    nearParts = null
  }
  const showNear = () => {
    const world = stage.world.value
    if (world === null) return
    const isNear = stage.view()?.detail === 'near'
    if (isNear && nearParts === null) {
      nearParts = buildNear(world)
      for (const part of nearParts) stage.scene.primitives.add(part)
    }
    for (const part of nearParts ?? []) part.show = isNear
    if (farPart !== null) farPart.show = !isNear
  }
  const showChosen = () => {
    if (chosen !== null) stage.scene.primitives.remove(chosen)
    chosen = null
    const world = stage.world.value
    const selected = toValue(selection)
    if (world === null || selected?.type !== 'line') return
    const line = world.district.catalogue.lines.find(({ id }) => id === selected.id)
    if (line === undefined) return
    const accent = { rgb: rgbOf(colour.accent), width: 4 * world.scale }
    const parts = lineVisuals(world.district, line, world.scale).map((part) => ({
      ...part,
      ...accent,
      positions: part.positions.map((value, i) => (i % 3 === 2 ? value + 0.6 : value)),
    }))
    chosen = createLineBatch(world, parts)
    if (chosen !== null) stage.scene.primitives.add(chosen)
  }

  useBatches(stage, (world) => {
    clearNear()
    const backbone = world.district.catalogue.lines.filter(isBackbone)
    farPart = createLineBatch(
      world,
      backbone.flatMap((line) => farLineVisuals(world.district, line, world.scale)),
    )
    return [farPart]
  })
  const stopView = stage.onView(() => showNear())
  watch([() => toValue(selection), stage.world], () => stage.apply(showChosen), { flush: 'post' })
  watch(stage.world, () => stage.apply(showNear), { flush: 'post' })
  onScopeDispose(() => {
    stopView()
    if (stage.scene.isDestroyed()) return
    clearNear()
    if (chosen !== null) stage.scene.primitives.remove(chosen)
  })
}
