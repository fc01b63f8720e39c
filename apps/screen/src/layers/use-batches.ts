import { onScopeDispose, watch } from 'vue'
import type { Stage, World } from '../globe/stage.ts'

type Drawable = object | null

/**
 * Rebuilds what a layer draws whenever the district is replaced, and takes the old away. `build` returns its primitives in drawing order;
 * nulls are left out.
 */
export function useBatches(stage: Stage, build: (world: World) => readonly Drawable[]): void {
  let primitives: object[] = []
  const clear = () => {
    for (const primitive of primitives) stage.scene.primitives.remove(primitive)
    primitives = []
  }
  watch(
    stage.world,
    (world) => {
      stage.apply(() => {
        clear()
        if (world === null) return
        primitives = build(world).filter((primitive) => primitive !== null)
        for (const primitive of primitives) stage.scene.primitives.add(primitive)
      })
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    if (!stage.scene.isDestroyed()) clear()
  })
}
