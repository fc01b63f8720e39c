import { onScopeDispose, watch } from 'vue'
import type { Label } from '../globe/labels/label.ts'
import type { Stage, World } from '../globe/stage.ts'
import type { Detail, View } from '../globe/view.ts'

/** Labels of a layer that depend on how near one is and on what `refresh` is called for. */
export function useDetailLabels(
  stage: Stage,
  source: string,
  labelsOf: (world: World, view: View) => readonly Label[],
): { refresh: () => void } {
  let detail: Detail | null = null
  const refresh = () => {
    const world = stage.world.value
    const view = stage.view()
    stage.setLabels(source, world === null || view === null ? [] : labelsOf(world, view))
  }
  const stop = stage.onView((view) => {
    if (view.detail === detail) return
    detail = view.detail
    refresh()
  })
  watch(stage.world, refresh)
  onScopeDispose(stop)
  return { refresh }
}
