import { z } from 'zod'

/** Parts that several routes share. Everything in a query comes as text. */
export const idSchema = z.coerce.number().int().positive().max(2_147_483_647)
export const idParamsSchema = z.object({ id: idSchema })

/** A grid to look at, with all below it; absent = all that the account may see. */
export const gridQuerySchema = z.object({ grid: idSchema.optional() })

const maxRangeMs = 3_653 * 86_400_000
const timeSchema = z.coerce.number().min(0).max(8.64e15)
/** UTC ms, half-open. Absent: `to` is now, `from` a day before it. */
export const rangeShape = { from: timeSchema.optional(), to: timeSchema.optional() }

export const hoursQuerySchema = gridQuerySchema.extend({
  hours: z.coerce.number().int().min(1).max(744).default(24),
})

export type RangeResult =
  | { readonly ok: true; readonly range: { readonly fromMs: number; readonly toMs: number } }
  | { readonly ok: false; readonly reason: string }

export function settleRange(
  { from, to }: { from?: number | undefined; to?: number | undefined },
  nowMs: number,
): RangeResult {
  const toMs = to ?? nowMs
  const fromMs = from ?? toMs - 86_400_000
  if (fromMs >= toMs) return { ok: false, reason: 'from must be before to' }
  if (toMs - fromMs > maxRangeMs) return { ok: false, reason: 'the range is longer than ten years' }
  return { ok: true, range: { fromMs, toMs } }
}
