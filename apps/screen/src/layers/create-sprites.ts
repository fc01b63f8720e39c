import { type Billboard, BillboardCollection, BlendOption, Cartesian3, Color, Matrix4 } from 'cesium'
import type { PickTarget } from '../globe/pick.ts'
import type { AnimationStep, Stage, World } from '../globe/stage.ts'
import { cesiumColour, type Rgb } from './colour.ts'

export interface SpriteVisual {
  /** Key of one of the images given at creation. */
  readonly image: string
  /** Local place. */
  readonly x: number
  readonly y: number
  readonly z: number
  /** Pixels. */
  readonly sizePx: number
  /** Tint of a white image. */
  readonly rgb?: Rgb
  readonly alpha?: number
  /** Clockwise on the screen. */
  readonly turnRad?: number
  readonly target?: PickTarget
}

export interface Sprites<K> {
  readonly collection: BillboardCollection
  set(key: K, visual: SpriteVisual): void
  remove(key: K): void
}

const position = new Cartesian3()
const tint = new Color()
const leastGrowth = 32
/**
 * Cesium queues a new image after the frame that asked for it, uploads it after the next and shows it in the one after that, but asks for none
 * of them by itself.
 */
const framesForImage = 4
const white: Rgb = [255, 255, 255]

/**
 * Few, special things above everything else. A sprite taken away is hidden and used again: adding or removing a billboard makes Cesium write the
 * whole collection anew. `imageOf` is called once for each image key.
 */
export function createSprites<K>(
  stage: Stage,
  world: World,
  imageOf: (key: string) => HTMLCanvasElement,
): Sprites<K> {
  const collection = new BillboardCollection({
    modelMatrix: Matrix4.clone(world.modelMatrix),
    blendOption: BlendOption.TRANSLUCENT,
  })
  const shown = new Map<K, Billboard>()
  const free: Billboard[] = []
  const images = new Map<string, HTMLCanvasElement>()
  let frames = 0
  const showImages: AnimationStep = () => (--frames > 0 ? 'draw' : 'done')
  const image = (key: string) => {
    let canvas = images.get(key)
    if (canvas === undefined) {
      images.set(key, (canvas = imageOf(key)))
      frames = framesForImage
      stage.animate(showImages)
    }
    return canvas
  }
  /** Doubles when it runs out, since each growth writes the collection anew. */
  const take = (): Billboard => {
    if (free.length === 0) {
      const growth = Math.max(leastGrowth, collection.length)
      for (let i = 0; i < growth; i++)
        free.push(
          collection.add({ disableDepthTestDistance: Infinity, position: Cartesian3.ZERO, show: false }),
        )
    }
    return free.pop()!
  }

  return {
    collection,
    set(key, visual) {
      let sprite = shown.get(key)
      if (sprite === undefined) {
        sprite = take()
        shown.set(key, sprite)
      }
      sprite.setImage(visual.image, image(visual.image))
      sprite.position = Cartesian3.fromElements(visual.x, visual.y, visual.z, position)
      sprite.width = visual.sizePx
      sprite.height = visual.sizePx
      sprite.color = cesiumColour(visual.rgb ?? white, visual.alpha ?? 1, tint)
      sprite.rotation = -(visual.turnRad ?? 0)
      sprite.id = visual.target
      sprite.show = true
    },
    remove(key) {
      const sprite = shown.get(key)
      if (sprite === undefined) return
      sprite.show = false
      sprite.id = undefined
      shown.delete(key)
      free.push(sprite)
    },
  }
}
