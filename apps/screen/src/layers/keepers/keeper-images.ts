import { colour, fontFamily, sceneColour } from '../../app/theme.ts'
import { symbolSide } from '../assets/symbol-images.ts'
import { wedgeCorners } from './keeper-visual.ts'

const body = sceneColour.keeper

function canvasOf(draw: (pen: CanvasRenderingContext2D, side: number) => void): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.width = symbolSide
  canvas.height = symbolSide
  const pen = canvas.getContext('2d')
  if (pen !== null) {
    pen.translate(symbolSide / 2, symbolSide / 2)
    pen.lineJoin = 'round'
    draw(pen, symbolSide)
  }
  return canvas
}

function trace(pen: CanvasRenderingContext2D, corners: readonly (readonly [number, number])[]): void {
  pen.beginPath()
  corners.forEach(([x, y], i) => (i === 0 ? pen.moveTo(x, y) : pen.lineTo(x, y)))
  pen.closePath()
}

/** From a distance: a small arrow head with a notch, pointing up. */
const arrow = () =>
  canvasOf((pen, side) => {
    const [tip, right, left] = wedgeCorners(side * 0.44, -side * 0.42, -38) as [
      [number, number],
      [number, number],
      [number, number],
    ]
    trace(pen, [tip, right, [0, side * 0.2], left])
    pen.strokeStyle = colour.ground
    pen.lineWidth = side * 0.14
    pen.stroke()
    pen.fillStyle = body
    pen.fill()
  })

/** Behind the disc: only the nose is seen. */
const wedge = () =>
  canvasOf((pen, side) => {
    trace(pen, wedgeCorners(side * 0.48, side * 0.3, 38))
    pen.fillStyle = body
    pen.fill()
  })

const person = (initial: string) =>
  canvasOf((pen, side) => {
    pen.beginPath()
    pen.arc(0, 0, side * 0.42, 0, 2 * Math.PI)
    pen.fillStyle = body
    pen.fill()
    pen.strokeStyle = colour.ground
    pen.lineWidth = side * 0.08
    pen.stroke()
    if (initial === '') return
    pen.fillStyle = colour.ground
    pen.font = `600 ${side * 0.5}px ${fontFamily}`
    pen.textAlign = 'center'
    pen.textBaseline = 'middle'
    pen.fillText(initial, 0, side * 0.03)
  })

/** As many images as there are different initials: bounded by the roster. */
export function keeperImage(key: string): HTMLCanvasElement {
  if (key === 'arrow') return arrow()
  if (key === 'wedge') return wedge()
  return person(key.slice('person '.length))
}
