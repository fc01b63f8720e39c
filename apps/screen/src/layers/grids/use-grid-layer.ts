import type { BufferPolylineCollection } from 'cesium'
import { onScopeDispose, toValue, watch, type MaybeRefOrGetter } from 'vue'
import { assetState } from '@gridkeeper/domain'
import { colour } from '../../app/theme.ts'
import type { Stage } from '../../globe/stage.ts'
import type { Detail } from '../../globe/view.ts'
import { tallyOf } from '../asset-states.ts'
import { rgbOf } from '../colour.ts'
import { height } from '../heights.ts'
import { createLineBatch } from '../line-batch.ts'
import { pathPositions } from '../path-geometry.ts'
import type { AssetStateSource } from '../use-asset-states.ts'
import { useBatches } from '../use-batches.ts'
import { useDetailLabels } from '../use-detail-labels.ts'
import { createGridFills, type GridFills } from './create-grid-fills.ts'
import { anchorOf, fillOf, gridBorders, gridLabel, ringsOf } from './grid-visual.ts'

/** Fills by health, borders, names and counts; the chosen grid in the accent. */
export function useGridLayer(
  stage: Stage,
  states: AssetStateSource,
  chosenId: MaybeRefOrGetter<number | null>,
): void {
  let fills: GridFills | null = null
  let anchors: [number, number, number][] = []
  let chosenBorder: BufferPolylineCollection | null = null
  let detail: Detail = 'far'

  const paint = (leaf: number) => {
    const present = states.current()
    const grid = stage.world.value?.district.leaves[leaf]
    if (fills === null || grid === undefined) return
    const tally = present === null ? { worst: assetState.unknown } : tallyOf(present, leaf)
    fills.paint(leaf, fillOf(tally, grid.id === toValue(chosenId), detail))
  }
  const paintAll = () => stage.world.value?.district.leaves.forEach((_, leaf) => paint(leaf))
  const showChosen = () => {
    if (chosenBorder !== null) stage.scene.primitives.remove(chosenBorder)
    chosenBorder = null
    const world = stage.world.value
    const grid = world?.district.gridById.get(toValue(chosenId) ?? -1)
    if (!world || !grid) return
    const look = { rgb: rgbOf(colour.accent), width: 3 * world.scale }
    const lines = ringsOf(grid).map((ring) => ({
      ...look,
      positions: pathPositions(world.district.frame, ring, height.chosenBorder),
    }))
    chosenBorder = createLineBatch(world, lines)
    if (chosenBorder !== null) stage.scene.primitives.add(chosenBorder)
  }

  useBatches(stage, (world) => {
    fills = createGridFills(world)
    anchors = world.district.leaves.map((grid) => anchorOf(world.district, grid))
    world.district.leaves.forEach((_, leaf) =>
      fills?.paint(leaf, fillOf({ worst: assetState.unknown }, false, detail)),
    )
    return [fills.collection, createLineBatch(world, gridBorders(world.district, world.scale))]
  })
  const labels = useDetailLabels(stage, 'grids', ({ district }, view) => {
    const present = states.current()
    if (present === null || present.district !== district) return []
    return district.leaves.map((_, leaf) => gridLabel(present, leaf, anchors[leaf]!, view.detail))
  })
  states.onChange(({ grids }) => {
    grids.forEach(paint)
    labels.refresh()
  })
  watch(
    [() => toValue(chosenId), stage.world],
    () =>
      stage.apply(() => {
        paintAll()
        showChosen()
      }),
    { flush: 'post' },
  )
  const stopView = stage.onView((view) => {
    if (view.detail === detail) return
    detail = view.detail
    paintAll()
  })
  onScopeDispose(() => {
    stopView()
    if (chosenBorder !== null && !stage.scene.isDestroyed()) stage.scene.primitives.remove(chosenBorder)
  })
}
