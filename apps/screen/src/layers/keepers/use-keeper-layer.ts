import { onScopeDispose, toValue, watch, type MaybeRefOrGetter } from 'vue'
import { colour } from '../../app/theme.ts'
import { sagM } from '../../globe/local-frame.ts'
import type { AnimationStep, Stage, World } from '../../globe/stage.ts'
import type { Selection, Twin } from '../../live/twin.ts'
import { rgbOf } from '../colour.ts'
import { createSprites, type Sprites } from '../create-sprites.ts'
import { ringImage } from '../assets/symbol-images.ts'
import { height } from '../heights.ts'
import { useBatches } from '../use-batches.ts'
import { createTrails, type Trails } from './create-trails.ts'
import { glideAt, isOver, startGlide, type Glide } from './glide.ts'
import { keeperImage } from './keeper-images.ts'
import { keeperVisual, screenTurnRad } from './keeper-visual.ts'
import { extendTrail, type TrailPoint } from './trail.ts'
import { useKeeperTrack } from './use-keeper-track.ts'

interface Walker {
  readonly slot: number
  glide: Glide
  trail: readonly TrailPoint[]
  lastFixMs: number
  drawnX: number
  drawnY: number
}

interface Parts {
  readonly world: World
  readonly sprites: Sprites<string>
  readonly trails: Trails
}

/** Keepers on duty: a wedge that glides from fix to fix, a trail that fades. */
export function useKeeperLayer(
  stage: Stage,
  twin: Twin,
  selection: MaybeRefOrGetter<Selection | null>,
): void {
  let parts: Parts | null = null
  let isGliding = false
  const walkers = new Map<number, Walker>()
  const chosenId = () => {
    const selected = toValue(selection)
    return selected?.type === 'keeper' ? selected.id : null
  }

  const draw = (present: Parts, keeperId: number, nowMs: number) => {
    const { sprites, world } = present
    const view = stage.view()
    const walker = walkers.get(keeperId)
    const keeper = world.district.catalogue.keepers.find(({ id }) => id === keeperId)
    const visual =
      walker && keeper && view
        ? keeperVisual(keeper, twin.keepers.get(keeperId), twin.feed.value.newestMs, view.detail)
        : null
    if (visual === null || view === null || walker === undefined) {
      for (const part of ['body', 'wedge', 'chosen']) sprites.remove(`${part} ${keeperId}`)
      return
    }
    const { x, y } = glideAt(walker.glide, nowMs)
    walker.drawnX = x
    walker.drawnY = y
    const at = { x, y, z: height.keeper - sagM(x, y), alpha: visual.alpha }
    const target = { selection: { type: 'keeper', id: keeperId } } as const
    const turnRad = visual.bearingDeg === null ? 0 : screenTurnRad(visual.bearingDeg, view.basis)
    if (visual.wedge === null) sprites.remove(`wedge ${keeperId}`)
    else {
      const { image, sizePx } = visual.wedge
      sprites.set(`wedge ${keeperId}`, { ...at, image, sizePx: sizePx * world.scale, turnRad })
    }
    sprites.set(`body ${keeperId}`, {
      ...at,
      image: visual.image,
      sizePx: visual.sizePx * world.scale,
      turnRad: visual.image === 'arrow' ? turnRad : 0,
      target,
    })
    if (chosenId() !== keeperId) sprites.remove(`chosen ${keeperId}`)
    else {
      const look = { image: 'ring', sizePx: visual.sizePx * 1.9 * world.scale, rgb: rgbOf(colour.accent) }
      sprites.set(`chosen ${keeperId}`, { ...at, ...look })
    }
  }
  const drawAll = () => {
    const present = parts
    if (present === null) return
    const nowMs = performance.now()
    for (const id of walkers.keys()) draw(present, id, nowMs)
  }

  /** Draws those that moved by a good part of a pixel: seen from afar a walk needs a frame every few seconds, not sixty a second. */
  const step: AnimationStep = (nowMs) => {
    const view = stage.view()
    if (parts === null || view === null) return 'wait'
    const leastM = view.metresPerPixel * 0.4
    let drew = false
    isGliding = false
    for (const [id, walker] of walkers) {
      const isArriving = isOver(walker.glide, nowMs)
      const { x, y } = glideAt(walker.glide, nowMs)
      const movedM = Math.hypot(x - walker.drawnX, y - walker.drawnY)
      if (!isArriving) isGliding = true
      if (movedM > leastM || (isArriving && movedM > 0)) {
        draw(parts, id, nowMs)
        drew = true
      }
    }
    return isGliding ? (drew ? 'draw' : 'wait') : 'done'
  }

  const takeFix = (present: Parts, keeperId: number, nowMs: number) => {
    const change = twin.keepers.get(keeperId)
    if (change === undefined || change.timeMs === null) return void walkers.delete(keeperId)
    const [x, y] = present.world.district.frame.toLocal(change.lon, change.lat)
    const fix = { x, y, timeMs: change.timeMs }
    const before = walkers.get(keeperId)
    if (before === undefined) {
      const slot = present.world.district.catalogue.keepers.findIndex(({ id }) => id === keeperId)
      if (slot < 0) return
      const glide = startGlide(fix, fix, null, nowMs)
      walkers.set(keeperId, { slot, glide, trail: [fix], lastFixMs: fix.timeMs, drawnX: x, drawnY: y })
      return
    }
    if (change.state === 0) before.trail = []
    else if (fix.timeMs > before.lastFixMs) {
      const intervalMs = fix.timeMs - before.lastFixMs
      before.glide = startGlide({ x: before.drawnX, y: before.drawnY }, fix, intervalMs, nowMs)
      before.trail = extendTrail(before.trail, fix)
    }
    before.lastFixMs = Math.max(before.lastFixMs, fix.timeMs)
    present.trails.draw(before.slot, before.trail)
  }
  const take = (ids: Iterable<number>) => {
    const present = parts
    if (present === null) return
    const nowMs = performance.now()
    for (const id of ids) {
      takeFix(present, id, nowMs)
      draw(present, id, nowMs)
    }
    if (!isGliding && [...walkers.values()].some(({ glide }) => !isOver(glide, nowMs))) {
      isGliding = true
      stage.animate(step)
    }
  }

  useBatches(stage, (world) => {
    walkers.clear()
    const sprites = createSprites<string>(stage, world, (key) =>
      key === 'ring' ? ringImage(0.07) : keeperImage(key),
    )
    parts = { world, sprites, trails: createTrails(world, world.district.catalogue.keepers.length) }
    take(twin.keepers.keys())
    return [parts.trails.collection, sprites.collection]
  })
  const stopView = stage.onView(drawAll)
  const stopFlush = twin.onFlush(({ isSnapshot, keeperIds }) => {
    const ids = isSnapshot ? [...twin.keepers.keys()] : keeperIds
    if (ids.length > 0) stage.apply(() => take(ids))
  })
  watch(chosenId, () => stage.apply(drawAll))
  onScopeDispose(() => {
    stopView()
    stopFlush()
  })
  useKeeperTrack(stage, chosenId)
}
