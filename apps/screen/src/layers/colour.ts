import { Color } from 'cesium'
import { colour } from '../app/theme.ts'

/** Red, green, blue, 0…255. */
export type Rgb = readonly [red: number, green: number, blue: number]

export const rgbOf = (hex: string): Rgb => {
  const value = Number.parseInt(hex.slice(1), 16)
  return [value >> 16, (value >> 8) & 0xff, value & 0xff]
}

/** `part` of the one over the other: what a translucent colour would look like, as an opaque one. */
export const mix = (over: Rgb, under: Rgb, part: number): Rgb => {
  const channel = (i: 0 | 1 | 2) => Math.round(under[i] + (over[i] - under[i]) * part)
  return [channel(0), channel(1), channel(2)]
}

export const groundRgb = rgbOf(colour.ground)
export const surfaceRgb = rgbOf(colour.surface)

export const cesiumColour = (rgb: Rgb, alpha = 1, result?: Color): Color =>
  Color.fromBytes(rgb[0], rgb[1], rgb[2], Math.round(alpha * 255), result)
