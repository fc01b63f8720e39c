import type { StateShape } from '../../app/theme.ts'
import { colour } from '../../app/theme.ts'
import type { Rgb } from '../colour.ts'

/** Symbols drawn once on a canvas of `side` device pixels. Few and closed: a billboard's texture is never given back. */
export const symbolSide = 64

const css = (rgb: Rgb, alpha = 1) => `rgb(${rgb[0]} ${rgb[1]} ${rgb[2]} / ${alpha})`

function canvasOf(draw: (pen: CanvasRenderingContext2D, side: number) => void): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.width = symbolSide
  canvas.height = symbolSide
  const pen = canvas.getContext('2d')
  if (pen !== null) draw(pen, symbolSide)
  return canvas
}

/** The outline of a state's shape inside a square with its middle at 0, 0. */
export function traceShape(pen: CanvasRenderingContext2D, shape: StateShape, radius: number): void {
  pen.beginPath()
  if (shape === 'triangle') {
    pen.moveTo(0, -radius)
    pen.lineTo(radius * 0.98, radius * 0.78)
    pen.lineTo(-radius * 0.98, radius * 0.78)
    pen.closePath()
  } else if (shape === 'square') {
    const half = radius * 0.82
    pen.rect(-half, -half, 2 * half, 2 * half)
  } else if (shape === 'diamond') {
    pen.moveTo(0, -radius)
    pen.lineTo(radius, 0)
    pen.lineTo(0, radius)
    pen.lineTo(-radius, 0)
    pen.closePath()
  } else pen.arc(0, 0, radius * 0.9, 0, 2 * Math.PI)
}

/** A filled shape with a dark rim, so that it stands off whatever lies under it. */
export const markImage = (shape: StateShape, rgb: Rgb): HTMLCanvasElement =>
  canvasOf((pen, side) => {
    pen.translate(side / 2, side / 2)
    pen.lineJoin = 'round'
    traceShape(pen, shape, side * 0.4)
    pen.strokeStyle = colour.ground
    pen.lineWidth = side * 0.16
    pen.stroke()
    pen.fillStyle = css(rgb)
    pen.fill()
  })

/** The ring that a new alarm sends out, and the one around what is chosen. White: tinted by the billboard's colour. */
export const ringImage = (widthPart: number): HTMLCanvasElement =>
  canvasOf((pen, side) => {
    pen.translate(side / 2, side / 2)
    pen.beginPath()
    pen.arc(0, 0, side * (0.48 - widthPart / 2), 0, 2 * Math.PI)
    pen.strokeStyle = '#fff'
    pen.lineWidth = side * widthPart
    pen.stroke()
  })

/** Near: the kind's sign on a plate of the state's shape, filled with the state's colour for an alarm and only edged with it for the rest. */
export const glyphImage = (
  symbol: string,
  letter: string,
  shape: StateShape,
  rgb: Rgb,
  isFilled: boolean,
): HTMLCanvasElement =>
  canvasOf((pen, side) => {
    pen.translate(side / 2, side / 2)
    pen.lineJoin = 'round'
    traceShape(pen, shape, side * (shape === 'triangle' || shape === 'diamond' ? 0.48 : 0.44))
    pen.fillStyle = isFilled ? css(rgb) : colour.surface
    pen.fill()
    pen.strokeStyle = isFilled ? colour.ground : css(rgb)
    pen.lineWidth = side * 0.06
    if (shape === 'dashed-ring') pen.setLineDash([side * 0.12, side * 0.09])
    pen.stroke()
    pen.setLineDash([])
    pen.translate(0, shape === 'triangle' ? side * 0.1 : 0)
    pen.strokeStyle = pen.fillStyle = isFilled ? colour.ground : colour.textStrong
    drawKind(pen, symbol, letter, side * (shape === 'triangle' || shape === 'diamond' ? 0.19 : 0.23))
  })

/** Small signs in the manner of a single-line diagram; any other kind shows the first letter of its name. */
function drawKind(pen: CanvasRenderingContext2D, symbol: string, letter: string, r: number): void {
  pen.lineWidth = r * 0.3
  pen.beginPath()
  if (symbol === 'meter') {
    pen.arc(0, r * 0.35, r, Math.PI, 2 * Math.PI)
    pen.moveTo(0, r * 0.35)
    pen.lineTo(r * 0.55, -r * 0.35)
  } else if (symbol === 'transformer') {
    pen.arc(0, -r * 0.42, r * 0.62, 0, 2 * Math.PI)
    pen.moveTo(r * 0.62, r * 0.42)
    pen.arc(0, r * 0.42, r * 0.62, 0, 2 * Math.PI)
  } else if (symbol === 'protector') {
    pen.moveTo(-r, r * 0.35)
    pen.lineTo(-r * 0.45, r * 0.35)
    pen.lineTo(r * 0.5, -r * 0.6)
    pen.moveTo(r * 0.45, r * 0.35)
    pen.lineTo(r, r * 0.35)
  } else if (symbol === 'cover') {
    pen.arc(0, 0, r * 0.85, 0, 2 * Math.PI)
    pen.moveTo(-r * 0.4, 0)
    pen.lineTo(r * 0.4, 0)
  } else if (symbol === 'fluid-meter') {
    pen.arc(0, r * 0.3, r * 0.7, 0, Math.PI)
    pen.quadraticCurveTo(-r * 0.7, -r * 0.2, 0, -r)
    pen.quadraticCurveTo(r * 0.7, -r * 0.2, r * 0.7, r * 0.3)
  } else {
    pen.font = `600 ${r * 2}px sans-serif`
    pen.textAlign = 'center'
    pen.textBaseline = 'middle'
    pen.fillText(letter, 0, r * 0.1)
    return
  }
  pen.stroke()
}
