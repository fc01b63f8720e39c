import { computed, onScopeDispose, toValue, watch } from 'vue'
import { size } from '../app/theme.ts'
import type { Selection, Twin } from '../live/twin.ts'
import { useAssetLayer } from '../layers/assets/use-asset-layer.ts'
import { useGridLayer } from '../layers/grids/use-grid-layer.ts'
import { useGroundLayer } from '../layers/ground/use-ground-layer.ts'
import { useKeeperLayer } from '../layers/keepers/use-keeper-layer.ts'
import { useLineLayer } from '../layers/lines/use-line-layer.ts'
import { useAssetStates } from '../layers/use-asset-states.ts'
import { fitPose, type Insets } from './camera/fit-box.ts'
import { clampPose } from './camera/pose.ts'
import { useGestures } from './camera/use-gestures.ts'
import { cornersOfGrid } from './district.ts'
import { pick } from './pick.ts'
import { rootOf, sceneCatalogue } from './scene-catalogue.ts'
import { useViewer, type ViewerHosts } from './use-viewer.ts'

export interface SceneOptions {
  readonly twin: Twin
  readonly selection: () => Selection | null
  readonly gridId: () => number | null
  readonly isStill: () => boolean
  readonly layout: () => { readonly insets: Insets; readonly scale: number }
  select(selection: Selection | null): void
}

export interface SceneVerbs {
  flyToGrid(id: number): Promise<void>
  flyToAsset(id: number, options: { readonly seconds?: number }): Promise<void>
  flyHome(): Promise<void>
}

const flightSeconds = 1.4
const assetRangeM = 760
const hoverMs = 80

/** The whole scene: viewer, layers in drawing order, hands, and the flights the shell may ask for. */
export function useScene(hosts: ViewerHosts, options: SceneOptions): SceneVerbs {
  const { twin } = options
  const rootId = computed(() => twin.catalogue.value && rootOf(twin.catalogue.value, options.gridId()))
  const catalogue = computed(() => twin.catalogue.value && sceneCatalogue(twin.catalogue.value, rootId.value))
  const viewer = useViewer(hosts, catalogue, options.layout)
  const { stage, camera } = viewer
  const chosenGrid = () => {
    const selected = options.selection()
    return selected?.type === 'grid' ? selected.id : options.gridId()
  }
  const states = useAssetStates(stage, twin)
  useGridLayer(stage, states, chosenGrid)
  useGroundLayer(stage)
  useLineLayer(stage, options.selection)
  useAssetLayer(stage, states, options.selection, options.isStill)
  useKeeperLayer(stage, twin, options.selection)
  states.start()

  /** How far to look beside an asset, metres east, so that it stands in the middle of what its card leaves free. */
  const asideM = () => {
    const { insets, scale } = options.layout()
    const { width, height, fovyRad } = camera.viewport()
    const cardPx = size.card * scale
    const hasRoom = width - insets.left - insets.right > 2 * cardPx
    return hasRoom ? ((cardPx / 2) * 2 * assetRangeM * Math.tan(fovyRad / 2)) / height : 0
  }
  const seconds = (wanted: number) => (options.isStill() ? 0 : wanted)
  const verbs: SceneVerbs = {
    async flyHome() {
      const home = camera.home()
      if (home !== null) await viewer.fly({ to: home, seconds: seconds(flightSeconds) })
    },
    async flyToGrid(id) {
      const district = stage.world.value?.district
      const corners = district ? cornersOfGrid(district, id) : []
      const limits = camera.limits()
      if (corners.length === 0 || limits === null) return
      const fitted = fitPose(corners, camera.viewport(), options.layout().insets, {
        headingDeg: 0,
        pitchDeg: 52,
      })
      await viewer.fly({ to: clampPose(fitted, limits), seconds: seconds(flightSeconds) })
    },
    async flyToAsset(id, { seconds: wanted = 2 }) {
      const district = stage.world.value?.district
      const asset = district?.catalogue.assets[district.assetIndex.get(id) ?? -1]
      const limits = camera.limits()
      if (!district || !asset || limits === null) return
      const [x, y] = district.frame.toLocal(asset.lon, asset.lat)
      const pose = { x: x + asideM(), y, rangeM: assetRangeM, headingDeg: 0, pitchDeg: 48 }
      const to = clampPose(pose, limits)
      await viewer.fly({ to, seconds: seconds(wanted) })
    },
  }

  let hoverTimer: ReturnType<typeof setTimeout> | undefined
  useGestures(hosts.canvas, {
    pose: () => camera.view()?.pose ?? null,
    viewport: camera.viewport,
    moveTo(pose) {
      viewer.stopFlight()
      stage.apply(() => camera.set(pose))
    },
    flyHome: () => void verbs.flyHome(),
    tap: (px, py, isTouch) => options.select(pick(stage, px, py, isTouch)),
    // A pick draws a few pixels of everything: not more often than the eye needs.
    hover(px, py) {
      clearTimeout(hoverTimer)
      hoverTimer = setTimeout(() => {
        if (stage.view() !== null)
          hosts.canvas.style.cursor = pick(stage, px, py) === null ? 'grab' : 'pointer'
      }, hoverMs)
    },
  })
  watch(
    () => toValue(options.gridId),
    (id, before) => {
      if (id !== null) void verbs.flyToGrid(id)
      else if (before !== null && before !== undefined) void verbs.flyHome()
    },
  )
  onScopeDispose(() => clearTimeout(hoverTimer))
  return verbs
}
