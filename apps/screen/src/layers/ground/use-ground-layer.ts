import type { Stage } from '../../globe/stage.ts'
import { createLineBatch } from '../line-batch.ts'
import { useBatches } from '../use-batches.ts'
import { useDetailLabels } from '../use-detail-labels.ts'
import { groundLabels, groundLines } from './ground-visual.ts'

/** The district's own ground, faint, under everything. */
export function useGroundLayer(stage: Stage): void {
  useBatches(stage, (world) => [createLineBatch(world, groundLines(world.district, world.scale))])
  useDetailLabels(stage, 'ground', ({ district }, view) => groundLabels(district, view.detail))
}
