import { z } from 'zod'

/** What devices say on the native topics. Each payload is one object or an array of up to {@link maxItems} of them. */
export const maxItems = 2_000
export const maxPayloadBytes = 64 * 1024

/** Device time, UTC milliseconds. Absent: the arrival time counts. */
const time = z.number().optional()
/** The device's own number of this message, if it has one: it tells two messages of one instant apart. */
const id = z
  .union([z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER), z.string().min(1).max(64)])
  .optional()

/** `{"t": 1763726400000, "v": {"ua": 221.3, "p": 1.25}}`; the keys and units are those of the asset's kind. */
export const readingPayload = z.object({ t: time, id, v: z.record(z.string(), z.unknown()) })
export type ReadingPayload = z.infer<typeof readingPayload>

/** One position of a keeper, WGS-84 degrees. */
export const fixPayload = z.object({
  t: time,
  id,
  lon: z.number().min(-180).max(180),
  lat: z.number().min(-90).max(90),
  /** Metres above the ellipsoid or the sea, as the phone says. */
  alt: z.number().optional(),
  /** Radius of the 68 % circle, metres. */
  acc: z.number().nonnegative().optional(),
  /** Metres a second. */
  speed: z.number().nonnegative().optional(),
  /** Degrees clockwise from north. */
  bearing: z.number().min(0).max(360).optional(),
  /** Percent. */
  battery: z.number().min(0).max(100).optional(),
})
export type FixPayload = z.infer<typeof fixPayload>

/** Something that happened at one instant: `{"t": …, "event": "trip", "data": {"cause": "residual", "residual_ma": 412}}`. */
export const eventPayload = z.object({
  t: time,
  id,
  event: z.string().min(1).max(64),
  data: z.record(z.string(), z.unknown()).optional(),
})
export type EventPayload = z.infer<typeof eventPayload>

/** Connection state; as a last will it carries no time, since it was written long before. */
export const statusPayload = z.object({ t: time, online: z.boolean() })
export type StatusPayload = z.infer<typeof statusPayload>
