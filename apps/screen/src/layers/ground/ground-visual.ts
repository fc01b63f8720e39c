import type { GroundFeature } from '@gridkeeper/contracts'
import { sceneColour } from '../../app/theme.ts'
import type { District } from '../../globe/district.ts'
import type { Label } from '../../globe/labels/label.ts'
import type { Detail } from '../../globe/view.ts'
import { rgbOf } from '../colour.ts'
import { height } from '../heights.ts'
import type { LineVisual } from '../line-batch.ts'
import { pathPositions } from '../path-geometry.ts'

const looks = {
  river: { rgb: rgbOf(sceneColour.river), width: 3 },
  road: { rgb: rgbOf(sceneColour.road), width: 1.5 },
  village: { rgb: rgbOf(sceneColour.village), width: 1.5 },
} as const

/** Rivers, roads and village outlines: there to know the place by, and no more. */
export const groundLines = (district: District, scale: number): LineVisual[] =>
  district.catalogue.ground.flatMap((feature) =>
    feature.paths.map((path) => ({
      ...looks[feature.class],
      width: looks[feature.class].width * scale,
      positions: pathPositions(district.frame, path, height.ground),
    })),
  )

/** Names of villages when near. */
export const groundLabels = (district: District, detail: Detail): Label[] =>
  detail !== 'near' ? [] : district.catalogue.ground.flatMap((feature) => villageLabel(district, feature))

function villageLabel(district: District, feature: GroundFeature): Label[] {
  const ring = feature.paths[0]
  if (feature.class !== 'village' || feature.name === null || ring === undefined || ring.length === 0)
    return []
  const lon = ring.reduce((sum, place) => sum + place[0], 0) / ring.length
  const lat = ring.reduce((sum, place) => sum + place[1], 0) / ring.length
  const [x, y, z] = district.frame.toLocal(lon, lat)
  return [{ key: `ground ${feature.code}`, x, y, z, look: 'village', text: feature.name, priority: 1 }]
}
