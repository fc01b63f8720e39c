import { z } from 'zod'
import { gatewayStatusSchema } from './live.ts'

/** A message, or an item of one, that was not taken: why, and with the bytes as they came (at most 4 KiB of them). */
export const deadLetterSchema = z.object({
  id: z.number().int(),
  receivedAtMs: z.number(),
  source: z.string(),
  topic: z.string(),
  client: z.string().nullable(),
  login: z.string().nullable(),
  reason: z.string(),
  detail: z.string().nullable(),
  size: z.number().int(),
  /** All its bytes are kept: it can run again. */
  isWhole: z.boolean(),
  rerunRequestedAtMs: z.number().nullable(),
  rerunAtMs: z.number().nullable(),
  /** `accepted`, or the reason of the new refusal. */
  rerunOutcome: z.string().nullable(),
})

/** Newest first. `next`: ask again with it as `after`; null: that was all. */
export const deadLetterListSchema = z.object({
  deadLetters: z.array(deadLetterSchema),
  next: z.string().nullable(),
})
export type DeadLetterList = z.infer<typeof deadLetterListSchema>

export const deadLetterDetailSchema = deadLetterSchema.extend({
  /** As UTF-8; what is none is shown as U+FFFD. */
  text: z.string(),
  base64: z.string(),
})
export type DeadLetterDetail = z.infer<typeof deadLetterDetailSchema>

/** Most first. */
export const deadLetterCountsSchema = z.object({
  fromMs: z.number(),
  toMs: z.number(),
  total: z.number().int(),
  reasons: z.array(
    z.object({
      reason: z.string(),
      count: z.number().int(),
      newestMs: z.number(),
      rerunnable: z.number().int(),
    }),
  ),
})
export type DeadLetterCounts = z.infer<typeof deadLetterCountsSchema>

const text = z.string().min(1).max(256).optional()
const time = z.number().min(0).max(8.64e15).optional()

/** By ids, or by what they have in common; at least one of them, so that nobody runs everything again by an empty request. */
export const rerunRequestSchema = z
  .strictObject({
    ids: z.array(z.number().int().positive()).min(1).max(1_000).optional(),
    reason: text,
    /** Part of the topic or of the detail. */
    text,
    login: text,
    /** UTC ms, half-open. */
    from: time,
    to: time,
  })
  .refine((request) => Object.values(request).some((part) => part !== undefined), 'say which')

/** Asked for now; and how many more match, beyond the 10,000 that are asked for at once. */
export const rerunAnswerSchema = z.object({ requested: z.number().int(), left: z.number().int() })
export type RerunAnswer = z.infer<typeof rerunAnswerSchema>

/** Each gateway that is alive on the bus, with its last minute. */
export const gatewayListSchema = z.object({ bus: z.boolean(), gateways: z.array(gatewayStatusSchema) })
export type GatewayList = z.infer<typeof gatewayListSchema>
