import type { MeterUse } from '../district/district.ts'
import { isWeekend, localDay, localHour } from './local-time.ts'

type Hours = readonly number[]

/** Relative demand at each full hour of the local day; only the form counts, each is scaled to a mean of 1. */
const forms: Record<MeterUse, { readonly workday: Hours; readonly weekend: Hours }> = {
  household: {
    workday: [
      54, 48, 45, 44, 46, 58, 88, 108, 98, 88, 88, 106, 114, 96, 84, 82, 88, 108, 146, 176, 172, 146, 108, 74,
    ],
    weekend: [
      60, 52, 47, 45, 46, 54, 74, 98, 112, 114, 112, 122, 128, 112, 104, 102, 106, 118, 148, 172, 170, 150,
      116, 82,
    ],
  },
  shop: {
    workday: [
      34, 30, 29, 28, 29, 34, 52, 86, 122, 146, 152, 150, 142, 144, 148, 150, 152, 158, 168, 172, 154, 112,
      66, 44,
    ],
    weekend: [
      36, 31, 29, 28, 29, 33, 48, 78, 116, 148, 162, 164, 156, 158, 162, 164, 166, 170, 178, 180, 164, 124,
      74, 48,
    ],
  },
  pump: {
    workday: [
      40, 40, 40, 40, 60, 120, 170, 190, 185, 160, 130, 100, 80, 90, 120, 150, 170, 160, 120, 80, 60, 50, 40,
      40,
    ],
    weekend: [
      40, 40, 40, 40, 60, 115, 165, 185, 180, 155, 125, 95, 75, 85, 115, 145, 165, 155, 115, 80, 60, 50, 40,
      40,
    ],
  },
}

const normalised = (form: Hours): Hours => {
  const mean = form.reduce((a, b) => a + b, 0) / form.length
  return form.map((value) => value / mean)
}

const shapes = Object.fromEntries(
  Object.entries(forms).map(([use, { workday, weekend }]) => [
    use,
    { workday: normalised(workday), weekend: normalised(weekend) },
  ]),
) as typeof forms

/** Demand relative to the day's mean, smooth between the hours (Catmull–Rom). */
export function loadShape(use: MeterUse, timeMs: number): number {
  const form = shapes[use][isWeekend(localDay(timeMs)) ? 'weekend' : 'workday']
  const hour = localHour(timeMs)
  const left = Math.floor(hour)
  const at = hour - left
  const value = (i: number) => form[(left + i + 24) % 24]!
  const [a, b, c, d] = [value(-1), value(0), value(1), value(2)]
  return b + 0.5 * at * (c - a + at * (2 * a - 5 * b + 4 * c - d + at * (3 * (b - c) + d - a)))
}

/** The highest the shape gets, about: for scaling by a peak. */
export const peakOfShape: Record<MeterUse, number> = { household: 1.9, shop: 1.6, pump: 1.95 }
