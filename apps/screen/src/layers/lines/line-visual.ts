import type { Line } from '@gridkeeper/contracts'
import type { LonLat } from '@gridkeeper/domain'
import { sceneColour } from '../../app/theme.ts'
import type { District } from '../../globe/district.ts'
import { groundRgb, mix, rgbOf } from '../colour.ts'
import { height, towerHeightM } from '../heights.ts'
import type { LineVisual } from '../line-batch.ts'
import { dashes, pathPositions, simplify } from '../path-geometry.ts'

/** 6 kV and above is backbone: shown from any distance. What is below comes near. */
export const isBackbone = (line: Line): boolean => line.voltageKv >= 6

const backbone = rgbOf(sceneColour.line10kv)
const lowVoltage = rgbOf(sceneColour.line04kv)
const tower = rgbOf(sceneColour.tower)

/** Longest dash of a cable, metres; a short cable still shows several. */
const dashM = 60

/** An overhead line hangs from tower to tower; without towers it follows its path. */
const wirePath = (line: Line): readonly LonLat[] =>
  line.laying === 'overhead' && line.towers.length > 1 ? line.towers : line.path

/** A bend of less than a few pixels from afar; towers every 60 m would be joints closer than a pixel, which draw badly. */
const farToleranceM = 20

/** The backbone as seen from afar, where its towers are not shown. */
export const farLineVisuals = (district: District, line: Line, scale: number): LineVisual[] =>
  lineVisuals(district, line, scale).map((visual) => ({
    ...visual,
    positions: simplify(visual.positions, farToleranceM),
  }))

export function lineVisuals(district: District, line: Line, scale: number): LineVisual[] {
  const target = { selection: { type: 'line', id: line.id } } as const
  const isMain = isBackbone(line)
  const base = isMain ? backbone : lowVoltage
  const width = (line.voltageKv >= 35 ? 3.4 : isMain ? 2.3 : 1.2) * scale
  if (line.laying === 'overhead') {
    const positions = pathPositions(district.frame, wirePath(line), towerHeightM(line.voltageKv))
    return [{ positions, rgb: mix(base, groundRgb, isMain ? 0.62 : 0.75), width, target }]
  }
  const positions = pathPositions(district.frame, line.path, height.cable)
  const dash = isMain ? dashM * 2 : dashM / 3
  const rgb = mix(base, groundRgb, isMain ? 0.42 : 0.5)
  return dashes(positions, dash, dash * 0.6).map((part) => ({ positions: part, rgb, width, target }))
}

/** A tower is an upright stroke, with a cross-arm square to the line from 6 kV up. */
export function towerVisuals(district: District, line: Line, scale: number): LineVisual[] {
  if (line.laying !== 'overhead') return []
  const topM = towerHeightM(line.voltageKv)
  const isMain = isBackbone(line)
  const armM = line.voltageKv >= 35 ? 5 : 1.8
  const look = { rgb: mix(tower, groundRgb, isMain ? 0.8 : 0.55), width: (isMain ? 2 : 1.3) * scale }
  const at = line.towers.map(([lon, lat]) => district.frame.toLocal(lon, lat))
  return at.flatMap(([x, y, z], i) => {
    const mast = { ...look, positions: new Float32Array([x, y, z, x, y, z + topM]) }
    if (!isMain) return [mast]
    const before = at[i - 1] ?? at[i]!
    const after = at[i + 1] ?? at[i]!
    const [dx, dy] = [after[0] - before[0], after[1] - before[1]]
    const length = Math.hypot(dx, dy)
    if (length === 0) return [mast]
    const [ax, ay] = [(-dy / length) * armM, (dx / length) * armM]
    const arm = new Float32Array([x - ax, y - ay, z + topM, x + ax, y + ay, z + topM])
    return [mast, { ...look, positions: arm }]
  })
}
