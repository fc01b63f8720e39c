import { CesiumWidget, Color, Credit, CreditDisplay, PerspectiveFrustum } from 'cesium'
import { colour } from '../app/theme.ts'

/** A narrow lens: the far end of a district is not much smaller than its near end. */
export const fovyRad = (38 * Math.PI) / 180

/**
 * Cesium bare: no token, no imagery, no globe (the ground is the background's colour; a globe without imagery would only cost tile work), no
 * sky, and a frame only on request. The camera is ours: Cesium's own controller is off.
 */
export function createViewer(container: HTMLElement, creditContainer: HTMLElement): CesiumWidget {
  CreditDisplay.cesiumCredit = new Credit(
    '<a href="https://cesium.com/cesiumjs/" target="_blank" rel="noopener">CesiumJS</a>',
    true,
  )
  const widget = new CesiumWidget(container, {
    baseLayer: false,
    globe: false,
    skyBox: false,
    skyAtmosphere: false,
    requestRenderMode: true,
    maximumRenderTimeChange: Infinity,
    msaaSamples: 4,
    useBrowserRecommendedResolution: false,
    orderIndependentTranslucency: false,
    shadows: false,
    showRenderLoopErrors: false,
    creditContainer,
    contextOptions: { webgl: { alpha: false, powerPreference: 'high-performance' } },
  })
  const { scene } = widget
  scene.backgroundColor = Color.fromCssColorString(colour.ground)
  scene.fog.enabled = false
  scene.screenSpaceCameraController.enableInputs = false
  // More than two device pixels a CSS pixel costs fill rate on a wall and shows nothing more at five metres.
  widget.resolutionScale = Math.min(1, 2 / window.devicePixelRatio)
  return widget
}

/** Keeps the vertical angle of view the same on every screen; Cesium's `fov` is that of the longer side. */
export function keepFovy(widget: CesiumWidget, width: number, height: number): void {
  const { frustum } = widget.camera
  if (!(frustum instanceof PerspectiveFrustum)) return
  const aspect = width / height
  frustum.aspectRatio = aspect
  frustum.fov = aspect > 1 ? 2 * Math.atan(Math.tan(fovyRad / 2) * aspect) : fovyRad
}
