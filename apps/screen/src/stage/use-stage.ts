import type { Alarm } from '@gridkeeper/contracts'
import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import type { Flight } from '../app/wall.ts'
import { emptyStage, enterStage, leaveStage, updateStage, type Stage } from './stage-queue.ts'

export const stageMs = 12_000
const flightSeconds = 2

export interface StageControl {
  readonly stage: Readonly<ShallowRef<Stage>>
  /** When the one on stage will leave, in this machine's time; null while the stage is empty. */
  readonly leavesAtMs: Readonly<ShallowRef<number | null>>
  /** A new alarm; only a critical one takes the stage. */
  enter(alarm: Alarm): void
  update(alarm: Alarm): void
  leave(): void
}

export interface StageOptions {
  readonly flightTo: (flight: Flight) => void
  /** Where the camera goes back to. */
  readonly home: () => Flight
}

/** Each critical alarm has the stage for twelve seconds or until a touch; after the last one the camera goes back. */
export function useStage(options: StageOptions): StageControl {
  const stage = shallowRef<Stage>(emptyStage)
  const leavesAtMs = shallowRef<number | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined
  const leave = () => (stage.value = leaveStage(stage.value))

  watch(
    () => stage.value.showing?.id ?? null,
    (_id, before) => {
      clearTimeout(timer)
      leavesAtMs.value = null
      const showing = stage.value.showing
      if (showing !== null) {
        options.flightTo({ to: 'asset', id: showing.assetId, seconds: flightSeconds })
        leavesAtMs.value = Date.now() + stageMs
        timer = setTimeout(leave, stageMs)
      } else if (before !== null) options.flightTo(options.home())
    },
  )
  onScopeDispose(() => clearTimeout(timer))

  return {
    stage,
    leavesAtMs,
    enter(alarm) {
      if (alarm.severity === 'critical') stage.value = enterStage(stage.value, alarm)
    },
    update: (alarm) => void (stage.value = updateStage(stage.value, alarm)),
    leave,
  }
}
