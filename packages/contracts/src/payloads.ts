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

/**
 * What {@link readingPayload} makes of a parsed JSON value, for the shape that nearly every reading has: at most a time and an id beside values that are
 * numbers or booleans. Null: ask the schema, which also tells what is wrong. Ten times faster, and this is asked of every message.
 */
export function readPlainReading(content: unknown): ReadingPayload | null {
  if (typeof content !== 'object' || content === null) return null
  const { t, id, v } = content as Record<string, unknown>
  if (t !== undefined && !(typeof t === 'number' && Number.isFinite(t))) return null
  if (id !== undefined && !isPlainId(id)) return null
  if (typeof v !== 'object' || v === null || Array.isArray(v)) return null
  const values = v as Record<string, unknown>
  for (const key in values) {
    const value = values[key]
    const isPlain = typeof value === 'number' ? Number.isFinite(value) : typeof value === 'boolean'
    if (!isPlain || key === '__proto__') return null
  }
  if (id === undefined) return t === undefined ? { v: values } : { t, v: values }
  return t === undefined ? { id, v: values } : { t, id, v: values }
}

const isPlainId = (id: unknown): id is number | string =>
  typeof id === 'number'
    ? Number.isSafeInteger(id) && id >= 0
    : typeof id === 'string' && id.length >= 1 && id.length <= 64

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
