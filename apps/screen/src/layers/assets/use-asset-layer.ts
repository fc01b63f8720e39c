import { onScopeDispose, toValue, watch, type MaybeRefOrGetter } from 'vue'
import { assetState } from '@gridkeeper/domain'
import { colour } from '../../app/theme.ts'
import type { Stage, World } from '../../globe/stage.ts'
import type { Detail } from '../../globe/view.ts'
import type { Selection } from '../../live/twin.ts'
import { isAlarming, type AssetStates } from '../asset-states.ts'
import { rgbOf } from '../colour.ts'
import { createSprites, type Sprites } from '../create-sprites.ts'
import { height } from '../heights.ts'
import { liftTowardsEye } from '../lift.ts'
import { planChanges } from '../plan-changes.ts'
import type { AssetStateSource } from '../use-asset-states.ts'
import { useBatches } from '../use-batches.ts'
import { leastMarkedState } from './asset-visual.ts'
import { assetImage } from './asset-images.ts'
import { assetLabels } from './asset-labels.ts'
import { createPoints, type Points } from './create-points.ts'
import { assetPlaces, nearestPlaces, ringImageKey, spriteOf, type AssetSprite } from './plan-sprites.ts'
import { usePulses } from './use-pulses.ts'

const mostGlyphs = 260
const leastRingPx = 40
/** Part of the range that a point must come nearer to the eye so that the ground does not cut its disc. */
const lift = 0.008

type SpriteKey = number | 'chosen' | `pulse ${number}`

interface Parts {
  readonly world: World
  readonly points: Points
  readonly sprites: Sprites<SpriteKey>
  readonly places: Float32Array
}

/** Points by state, marks for alarms, glyphs of kinds near, rings for what is new and what is chosen. */
export function useAssetLayer(
  stage: Stage,
  source: AssetStateSource,
  selection: MaybeRefOrGetter<Selection | null>,
  isStill: MaybeRefOrGetter<boolean>,
): void {
  let parts: Parts | null = null
  let shown = new Map<number, AssetSprite>()
  let glyphs: ReadonlySet<number> = new Set()
  let leastMarked: number = assetState.warning
  let detail: Detail | null = null

  const place = ({ places }: Parts, index: number) => ({
    x: places[index * 2]!,
    y: places[index * 2 + 1]!,
    z: height.asset - (places[index * 2]! ** 2 + places[index * 2 + 1]! ** 2) / 12_742_018,
  })
  const put = (present: Parts, index: number, sprite: AssetSprite) => {
    const { id } = present.world.district.catalogue.assets[index]!
    present.sprites.set(index, {
      ...place(present, index),
      image: sprite.image,
      sizePx: sprite.sizePx * present.world.scale,
      target: { selection: { type: 'asset', id } },
    })
  }
  /** The sprites of some assets: after a flush. */
  const revise = (states: AssetStates, indexes: readonly number[]) => {
    if (parts === null) return
    for (const index of indexes) {
      const sprite = spriteOf(states, index, glyphs.has(index), leastMarked)
      if (sprite?.image === shown.get(index)?.image) continue
      if (sprite === null) {
        parts.sprites.remove(index)
        shown.delete(index)
      } else {
        put(parts, index, sprite)
        shown.set(index, sprite)
      }
    }
  }
  /** All sprites anew: after a change of view or a snapshot. */
  const replan = (states: AssetStates) => {
    if (parts === null) return
    const next = new Map<number, AssetSprite>()
    const consider = (index: number) => {
      const sprite = spriteOf(states, index, glyphs.has(index), leastMarked)
      if (sprite !== null) next.set(index, sprite)
    }
    glyphs.forEach(consider)
    states.byAsset.forEach((state, index) => {
      if (isAlarming(state) && !glyphs.has(index)) consider(index)
    })
    const { add, update, remove } = planChanges(shown, next, (a, b) => a.image === b.image)
    for (const index of remove) parts.sprites.remove(index)
    for (const [index, sprite] of [...add, ...update]) put(parts, index, sprite)
    shown = next
  }
  const pulses = usePulses(
    stage,
    {
      stateOf: (index) => source.current()?.byAsset[index] ?? null,
      draw(slot, index, { sizePx, scale, ...ring }) {
        if (parts === null) return
        const outerPx = Math.max(sizePx, (shown.get(index)?.sizePx ?? 0) * scale)
        const look = { ...ring, image: ringImageKey.thin, sizePx: outerPx * parts.world.scale }
        parts.sprites.set(`pulse ${slot}`, { ...place(parts, index), ...look })
      },
      erase: (slot) => parts?.sprites.remove(`pulse ${slot}`),
    },
    isStill,
  )
  const chosenIndex = ({ world }: Parts): number | null => {
    const selected = toValue(selection)
    return selected?.type === 'asset' ? (world.district.assetIndex.get(selected.id) ?? null) : null
  }
  const showChosen = () => {
    if (parts === null) return
    const index = chosenIndex(parts)
    if (index === null) return parts.sprites.remove('chosen')
    // Clear of the sprite that it stands around, or of the bare point.
    const sizePx = Math.max(leastRingPx, (shown.get(index)?.sizePx ?? 0) * 1.4) * parts.world.scale
    const look = { image: ringImageKey.thick, sizePx, rgb: rgbOf(colour.accent) }
    parts.sprites.set('chosen', { ...place(parts, index), ...look })
  }
  const showNames = (states: AssetStates) => {
    const present = parts
    if (present === null) return
    const placeOf = (index: number) => place(present, index)
    const labels = assetLabels(states, {
      chosen: chosenIndex(present),
      near: glyphs,
      marked: shown.keys(),
      placeOf,
    })
    stage.setLabels('assets', labels)
  }

  useBatches(stage, (world) => {
    shown = new Map()
    pulses.reset()
    const sprites = createSprites<SpriteKey>(stage, world, assetImage)
    parts = { world, points: createPoints(world), sprites, places: assetPlaces(world.district) }
    return [parts.points.collection, sprites.collection]
  })
  const stopView = stage.onView((view) => {
    const states = source.current()
    if (parts === null) return
    const { collection } = parts.points
    if (collection !== null) {
      collection.show = view.detail !== 'far'
      liftTowardsEye(parts.world.modelMatrix, view.basis, lift, collection.modelMatrix)
    }
    if (states === null) return
    const isNear = view.detail === 'near'
    if (isNear)
      glyphs = nearestPlaces(parts.places, view.pose.x, view.pose.y, view.pose.rangeM * 1.3, mostGlyphs)
    else if (glyphs.size > 0) glyphs = new Set()
    if (!isNear && view.detail === detail) return
    detail = view.detail
    leastMarked = leastMarkedState(detail)
    replan(states)
    showNames(states)
    showChosen()
  })
  source.onChange((changes, states) => {
    if (parts === null) return
    for (const index of changes.assets) parts.points.paint(index, states.byAsset[index]!)
    const view = stage.view()
    const least = view === null ? leastMarked : leastMarkedState(view.detail)
    const isAll = changes.isSnapshot || least !== leastMarked
    leastMarked = least
    if (isAll) replan(states)
    else revise(states, changes.assets)
    pulses.start(changes.raised)
    showChosen()
    showNames(states)
  })
  watch(
    [() => toValue(selection), stage.world],
    () =>
      stage.apply(() => {
        showChosen()
        const states = source.current()
        if (states !== null) showNames(states)
      }),
    { flush: 'post' },
  )
  onScopeDispose(stopView)
}
