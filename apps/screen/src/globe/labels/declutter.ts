import { size } from '../../app/theme.ts'
import { project } from '../camera/project.ts'
import type { View } from '../view.ts'
import type { Label } from './label.ts'

export interface PlacedLabel {
  readonly label: Label
  /** The middle of the label, CSS pixels. */
  readonly px: number
  readonly py: number
}

/** Room around each label at the base, CSS pixels. */
const gap = 6
/** The greatest mark with its rim. */
const obstaclePx = 30
/** Where a label that may move stands instead, in its own heights. */
const shifts = [0.9, -0.9]

/** Width in ems: a Chinese character is one, a Latin letter a little over half. */
export const textEms = (text: string): number => {
  let ems = 0
  for (const letter of text) ems += letter.codePointAt(0)! > 0x2e7f ? 1 : 0.58
  return ems
}

/** The room a label takes at the base; told from its text, since measuring would force a layout. */
export function roomOf(label: Label): { readonly width: number; readonly height: number } {
  const counts = label.counts ?? []
  const countsWidth = counts.reduce((sum, count) => sum + 28 + textEms(count.text) * size.textTitle, 0)
  const totalWidth = label.total === undefined ? 0 : 16 + textEms(label.total) * size.textSmall
  const width = Math.max(textEms(label.text) * size.textBody, countsWidth + totalWidth)
  if (width === 0) return { width: obstaclePx, height: obstaclePx }
  return { width: width + 16, height: (label.text ? 26 : 0) + (counts.length > 0 ? 30 : 0) }
}

/**
 * Which labels stand where: by priority, none over another, none outside the screen, at most `limit`. Equal priorities keep the order given,
 * so that a still picture stays still.
 */
export function declutter(labels: readonly Label[], view: View, limit: number): PlacedLabel[] {
  const { viewport, basis, scale } = view
  const placed: PlacedLabel[] = []
  const taken: number[] = []
  const ordered = labels.toSorted((a, b) => b.priority - a.priority)
  for (const label of ordered) {
    if (placed.length >= limit) break
    const at = project(basis, viewport, label.x, label.y, label.z)
    if (at === null) continue
    for (const { fit, shift } of variantsOf(label)) {
      const room = roomOf(fit)
      const halfWidth = ((room.width + gap) / 2) * scale
      const halfHeight = ((room.height + gap) / 2) * scale
      const py = at.py + ((fit.dropPx ?? 0) + shift * room.height) * scale
      if (at.px < halfWidth || at.px > viewport.width - halfWidth || py < 0 || py > viewport.height) continue
      if (!isFree(taken, at.px, py, halfWidth, halfHeight)) continue
      taken.push(at.px, py, halfWidth, halfHeight)
      placed.push({ label: fit, px: at.px, py })
      break
    }
  }
  return placed
}

/** `taken` holds middle x, middle y, half width and half height of each room. */
function isFree(
  taken: readonly number[],
  px: number,
  py: number,
  halfWidth: number,
  halfHeight: number,
): boolean {
  for (let i = 0; i < taken.length; i += 4) {
    const isApart =
      Math.abs(taken[i]! - px) >= taken[i + 2]! + halfWidth ||
      Math.abs(taken[i + 1]! - py) >= taken[i + 3]! + halfHeight
    if (!isApart) return false
  }
  return true
}

/** What is tried, best first. */
function variantsOf(label: Label): readonly { readonly fit: Label; readonly shift: number }[] {
  const ways = label.whenTight ?? []
  const moved = ways.includes('move') ? shifts.map((shift) => ({ fit: label, shift })) : []
  const isShortenable = ways.includes('shorten') && label.counts !== undefined
  const short = isShortenable ? [{ fit: shortOf(label), shift: 0 }] : []
  return [{ fit: label, shift: 0 }, ...moved, ...short]
}

function shortOf(label: Label): Label {
  const { total: _total, ...rest } = label
  return { ...rest, text: '', counts: label.counts?.slice(0, 1) ?? [] }
}
