import { useEventListener } from '@vueuse/core'
import { movePose, type Hand } from './move-pose.ts'
import type { Pose } from './pose.ts'
import type { Viewport } from './project.ts'

export interface GestureTarget {
  pose(): Pose | null
  viewport(): Viewport
  /** Takes a pose from the hand; limits are the target's. */
  moveTo(pose: Pose): void
  flyHome(): void
  tap(px: number, py: number, isTouch: boolean): void
  hover(px: number, py: number): void
}

const tapSlackPx = 7
const tapMs = 600
const wheelStep = 0.0016

/**
 * Mouse: drag moves the ground, right button or Ctrl drag turns and tilts, wheel zooms at the pointer. Touch: one finger moves, two zoom, turn
 * and move at once. Keys: arrows move, + and − zoom, Shift with arrows turns and tilts, Home shows the district.
 */
export function useGestures(element: HTMLElement, target: GestureTarget): void {
  const hands = new Map<number, Hand>()
  let down: { px: number; py: number; atMs: number } | null = null
  const at = (event: PointerEvent | WheelEvent) => {
    const box = element.getBoundingClientRect()
    return { px: event.clientX - box.left, py: event.clientY - box.top }
  }
  const change = (next: (pose: Pose) => Pose) => {
    const pose = target.pose()
    if (pose !== null) target.moveTo(next(pose))
  }

  useEventListener(element, 'pointerdown', (event: PointerEvent) => {
    element.focus({ preventScroll: true })
    element.setPointerCapture(event.pointerId)
    hands.set(event.pointerId, at(event))
    down = hands.size === 1 ? { ...at(event), atMs: event.timeStamp } : null
  })
  useEventListener(element, 'pointermove', (event: PointerEvent) => {
    const before = hands.get(event.pointerId)
    const now = at(event)
    if (before === undefined) return target.hover(now.px, now.py)
    if (down !== null && Math.hypot(now.px - down.px, now.py - down.py) < tapSlackPx) return
    down = null
    const other = [...hands].find(([id]) => id !== event.pointerId)?.[1]
    const turning = (event.buttons & 2) !== 0 || event.ctrlKey
    change((pose) => movePose(pose, target.viewport(), { before, now, other: other ?? null, turning }))
    hands.set(event.pointerId, now)
  })
  const release = (event: PointerEvent) => {
    hands.delete(event.pointerId)
    if (event.type === 'pointerup' && event.button === 0 && down && event.timeStamp - down.atMs < tapMs)
      target.tap(down.px, down.py, event.pointerType === 'touch')
    down = null
  }
  useEventListener(element, ['pointerup', 'pointercancel'], release)
  useEventListener(element, 'contextmenu', (event: Event) => event.preventDefault())
  useEventListener(
    element,
    'wheel',
    (event: WheelEvent) => {
      event.preventDefault()
      const lines = event.deltaMode === 1 ? 18 : 1
      const factor = Math.exp(Math.max(-300, Math.min(300, event.deltaY * lines)) * wheelStep)
      change((pose) => movePose(pose, target.viewport(), { zoomAt: at(event), factor }))
    },
    { passive: false },
  )
  useEventListener(element, 'keydown', (event: KeyboardEvent) => {
    if (event.key === 'Home') return target.flyHome()
    const key = keyMove(event.key, event.shiftKey)
    if (key === null) return
    event.preventDefault()
    const { width, height } = target.viewport()
    const middle = { px: width / 2, py: height / 2 }
    if ('factor' in key)
      return change((pose) => movePose(pose, target.viewport(), { zoomAt: middle, factor: key.factor }))
    const now = { px: middle.px + key.px, py: middle.py + key.py }
    change((pose) =>
      movePose(pose, target.viewport(), { before: middle, now, other: null, turning: event.shiftKey }),
    )
  })
}

const stepPx = 80

function keyMove(key: string, isTurn: boolean): { px: number; py: number } | { factor: number } | null {
  const sign = isTurn ? -1 : 1
  if (key === 'ArrowLeft') return { px: stepPx * sign, py: 0 }
  if (key === 'ArrowRight') return { px: -stepPx * sign, py: 0 }
  if (key === 'ArrowUp') return { px: 0, py: stepPx * sign }
  if (key === 'ArrowDown') return { px: 0, py: -stepPx * sign }
  if (key === '+' || key === '=') return { factor: 0.8 }
  if (key === '-' || key === '_') return { factor: 1.25 }
  return null
}
