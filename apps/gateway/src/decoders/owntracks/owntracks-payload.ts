import { z } from 'zod'

/** What the apps say, as far as it is of use here. Source: OwnTracks booklet, "JSON" (owntracks.org/booklet/tech/json). Times are in seconds. */

const seconds = z.number()
const lat = z.number().min(-90).max(90)
const lon = z.number().min(-180).max(180)

export const locationPayload = z.object({
  lat,
  lon,
  /** Of the fix. */
  tst: seconds,
  acc: z.number().optional(),
  alt: z.number().optional(),
  /** km/h */
  vel: z.number().optional(),
  cog: z.number().optional(),
  batt: z.number().optional(),
  /** Why it was sent; `p` is a ping. */
  t: z.string().optional(),
})
export type LocationPayload = z.infer<typeof locationPayload>

export const transitionPayload = z.object({
  event: z.enum(['enter', 'leave']),
  tst: seconds,
  lat: lat.optional(),
  lon: lon.optional(),
  acc: z.number().optional(),
  desc: z.string().optional(),
  rid: z.string().optional(),
  wtst: seconds.optional(),
})
export type TransitionPayload = z.infer<typeof transitionPayload>

export const waypointPayload = z.object({
  desc: z.string(),
  tst: seconds,
  lat: lat.optional(),
  lon: lon.optional(),
  rad: z.number().optional(),
  rid: z.string().optional(),
})
export type WaypointPayload = z.infer<typeof waypointPayload>

export const waypointsPayload = z.object({ waypoints: z.array(z.unknown()) })

export const envelope = z.object({ _type: z.string(), topic: z.string().optional() })
