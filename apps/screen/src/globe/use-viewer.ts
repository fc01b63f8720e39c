import { useDebounceFn, useResizeObserver } from '@vueuse/core'
import { BoundingSphere, Cartesian3, Matrix4, Transforms, type CesiumWidget } from 'cesium'
import { onScopeDispose, shallowRef, watch, type WatchSource } from 'vue'
import type { Catalogue } from '@gridkeeper/contracts'
import { createCamera, createFlight, type Camera, type Flight } from './camera/use-camera.ts'
import type { Insets } from './camera/fit-box.ts'
import { createViewer, fovyRad } from './create-viewer.ts'
import { describeDistrict, type District } from './district.ts'
import { createFrameMeter, type SceneFigures } from './frame-meter.ts'
import { createLabelOverlay } from './labels/create-label-overlay.ts'
import type { AnimationStep, Stage, World } from './stage.ts'
import { useCesiumEvent } from './use-cesium-event.ts'
import type { View } from './view.ts'

declare global {
  interface Window {
    /** The wall's own figures; see `frame-meter.ts`. */
    __gridkeeper?: SceneFigures
  }
}

export interface ViewerHosts {
  readonly canvas: HTMLElement
  readonly labels: HTMLElement
  readonly credit: HTMLElement
}

export interface Viewer {
  readonly stage: Stage
  readonly camera: Camera
  readonly widget: CesiumWidget
  /** Breaks off the flight under way; resolves when this one ends or is broken off. */
  fly(flight: Flight): Promise<void>
  stopFlight(): void
}

function worldOf(district: District, scale: number): World {
  const [lon, lat] = district.frame.origin
  const origin = Cartesian3.fromDegrees(lon, lat)
  return {
    district,
    modelMatrix: Transforms.eastNorthUpToFixedFrame(origin, undefined, new Matrix4()),
    boundingSphere: new BoundingSphere(origin, district.radiusM * 2),
    scale,
  }
}

/** Cesium, camera, labels and frame counting, for as long as the scope lives. */
export function useViewer(
  hosts: ViewerHosts,
  catalogue: WatchSource<Catalogue | null>,
  layout: () => { readonly insets: Insets; readonly scale: number },
): Viewer {
  const widget = createViewer(hosts.canvas, hosts.credit)
  const { scene } = widget
  const meter = createFrameMeter()
  const overlay = createLabelOverlay(hosts.labels)
  const camera = createCamera(widget)
  const world = shallowRef<World | null>(null)
  const viewListeners = new Set<(view: View) => void>()
  const animations = new Set<AnimationStep>()
  let drawn: View | null = null
  let labelsChanged = false

  const stage: Stage = {
    scene,
    world,
    view: camera.view,
    onView(listener) {
      viewListeners.add(listener)
      return () => viewListeners.delete(listener)
    },
    apply(change) {
      meter.measure(change)
      scene.requestRender()
    },
    animate(step) {
      animations.add(step)
      scene.requestRender()
      return () => animations.delete(step)
    },
    setLabels(source, labels) {
      overlay.set(source, labels)
      labelsChanged = true
      scene.requestRender()
    },
  }

  useCesiumEvent(scene.preUpdate, () => {
    meter.begin()
    const nowMs = performance.now()
    for (const step of animations) {
      const result = step(nowMs)
      if (result === 'done') animations.delete(step)
      if (result !== 'wait') scene.requestRender()
    }
    camera.hold()
    const view = camera.view()
    if (view === null) return
    if (view !== drawn) {
      drawn = view
      for (const listener of viewListeners) listener(view)
      labelsChanged = true
      scene.requestRender()
    }
  })
  useCesiumEvent(scene.postRender, () => {
    if (labelsChanged && drawn !== null) {
      labelsChanged = false
      overlay.place(drawn)
    }
    meter.end(drawCommandCount(scene))
  })

  const frame = (keepsPose: boolean) => {
    if (world.value === null) return
    const { clientWidth: width, clientHeight: height } = hosts.canvas
    if (width === 0 || height === 0) return
    camera.frame(world.value, { ...layout(), viewport: { width, height, fovyRad } }, keepsPose)
    scene.requestRender()
  }
  watch(
    catalogue,
    (next) => {
      const before = world.value?.district.frame.origin.join()
      const district = next === null ? null : describeDistrict(next)
      world.value = district === null ? null : worldOf(district, layout().scale)
      // A pose means something in one frame only.
      frame(district?.frame.origin.join() === before)
    },
    { immediate: true },
  )
  // Sizes in pixels are built into the layers; a window being dragged rebuilds them once, at its end.
  const rescale = useDebounceFn((scale: number) => {
    if (world.value !== null && world.value.scale !== scale) world.value = { ...world.value, scale }
  }, 250)
  watch(layout, ({ scale }) => {
    frame(true)
    void rescale(scale)
  })
  useResizeObserver(hosts.canvas, () => {
    widget.resize()
    frame(true)
  })

  let stop = () => {}
  const fly: Viewer['fly'] = (flight) =>
    new Promise((resolve) => {
      stop()
      const unlist = stage.animate(createFlight(camera, flight, resolve))
      stop = () => {
        unlist()
        resolve()
      }
    })

  window.__gridkeeper = meter.figures
  onScopeDispose(() => {
    stop()
    overlay.dispose()
    widget.destroy()
    if (window.__gridkeeper === meter.figures) delete window.__gridkeeper
  })
  return { stage, camera, widget, fly, stopFlight: () => stop() }
}

/** Cesium tells it only inside; the frame state's list is what one pass was asked to draw. */
const drawCommandCount = (scene: object): number => {
  const { frameState } = scene as { frameState?: { commandList?: { length: number } } }
  return frameState?.commandList?.length ?? 0
}
