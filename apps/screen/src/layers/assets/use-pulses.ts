import { toValue, type MaybeRefOrGetter } from 'vue'
import type { AnimationStep, Stage } from '../../globe/stage.ts'
import { markVisual } from './asset-visual.ts'
import { addPulses, livePulses, pulseVisual, type Pulse } from './pulses.ts'
import type { SpriteVisual } from '../create-sprites.ts'

export interface PulseTarget {
  /** Null when the asset is no longer in alarm: its pulse ends. */
  stateOf(index: number): number | null
  /** `scale` is how far the ring has grown from the size of what it surrounds. */
  draw(
    slot: number,
    index: number,
    ring: Pick<SpriteVisual, 'sizePx' | 'alpha' | 'rgb'> & { scale: number },
  ): void
  erase(slot: number): void
}

const leastRingPx = 22

/** Runs the rings of new alarms, and nothing once the last has ended. */
export function usePulses(stage: Stage, target: PulseTarget, isStill: MaybeRefOrGetter<boolean>) {
  let pulses: Pulse[] = []
  let drawn = 0
  let isRunning = false
  const step: AnimationStep = (nowMs) => {
    pulses = livePulses(pulses, nowMs).filter(({ index }) => markVisual(target.stateOf(index) ?? -1) !== null)
    pulses.forEach(({ index, startMs }, slot) => {
      const mark = markVisual(target.stateOf(index)!)!
      const { scale, alpha } = pulseVisual(nowMs - startMs, toValue(isStill))
      target.draw(slot, index, {
        sizePx: Math.max(mark.sizePx, leastRingPx) * scale,
        scale,
        rgb: mark.rgb,
        alpha,
      })
    })
    const grew = pulses.length !== drawn
    for (let slot = pulses.length; slot < drawn; slot++) target.erase(slot)
    drawn = pulses.length
    isRunning = pulses.length > 0
    if (!isRunning) return 'done'
    return toValue(isStill) && !grew ? 'wait' : 'draw'
  }
  return {
    start(raised: readonly number[]) {
      if (raised.length === 0) return
      pulses = addPulses(pulses, raised, performance.now())
      if (!isRunning) stage.animate(step)
      isRunning = true
    },
    /** The sprites of the old district are gone. */
    reset() {
      pulses = []
      drawn = 0
    },
  }
}
