import type { BoundingSphere, Matrix4, Scene } from 'cesium'
import type { ShallowRef } from 'vue'
import type { District } from './district.ts'
import type { Label } from './labels/label.ts'
import type { View } from './view.ts'

/** What a district's own frame is in Cesium's world. One for each district, shared by all collections. */
export interface World {
  readonly district: District
  readonly modelMatrix: Matrix4
  /** Holds everything, so that all collections sort alike and none is ever culled in part. */
  readonly boundingSphere: BoundingSphere
  /** The wall's layout factor at which the layers were built; a changed one builds them anew. */
  readonly scale: number
}

export type AnimationStep = (nowMs: number) => 'draw' | 'wait' | 'done'

/** The scene as the layers see it. */
export interface Stage {
  readonly scene: Scene
  /** Null until the first catalogue with a place in it. */
  readonly world: Readonly<ShallowRef<World | null>>
  /** The present view; null until there is a district. */
  readonly view: () => View | null
  /** Called in the frame that shows a new view, before it is drawn. */
  onView(listener: (view: View) => void): () => void
  /** Runs a change of the scene, counts its time, and asks for one frame. */
  apply(change: () => void): void
  /** Steps before each frame until the step says that it is done. A step that changed nothing visible asks for no frame. */
  animate(step: AnimationStep): () => void
  /** The labels of one source, all at once. */
  setLabels(source: string, labels: readonly Label[]): void
}
