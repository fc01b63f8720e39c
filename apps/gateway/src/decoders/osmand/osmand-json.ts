import { z } from 'zod'
import { readJson } from '../limits.ts'
import { ifKnown, type OsmAndRead } from './decode-osmand.ts'
import { readOsmAndTime } from './osmand-time.ts'

const schema = z.object({
  device_id: z.union([z.string(), z.number()]).optional(),
  location: z.object({
    timestamp: z.union([z.string(), z.number()]).optional(),
    coords: z
      .object({
        latitude: z.number(),
        longitude: z.number(),
        accuracy: z.number().optional(),
        speed: z.number().optional(),
        heading: z.number().optional(),
        altitude: z.number().optional(),
      })
      .optional(),
    battery: z.object({ level: z.number().optional() }).optional(),
    extras: z.record(z.string(), z.unknown()).optional(),
  }),
})

/** Traccar Client 9 and later: speed in m/s, battery 0 to 1. Source: Traccar's protocol tests. */
export function readOsmAndJson(bytes: Uint8Array): OsmAndRead {
  const read = readJson(bytes)
  if (!read.ok) return { ok: false, detail: read.rejection.detail ?? 'not JSON' }
  const parsed = schema.safeParse(read.content)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    return { ok: false, detail: `${issue?.path.join('.')}: ${issue?.message}` }
  }
  const { device_id: deviceId, location } = parsed.data
  const { timestamp, coords, battery, extras } = location
  const t = timestamp === undefined ? undefined : readOsmAndTime(String(timestamp))
  if (timestamp !== undefined && t === undefined)
    return { ok: false, detail: 'location.timestamp: not a time' }
  const alarm = extras?.['alarm']
  return {
    ok: true,
    message: {
      deviceId: deviceId === undefined ? undefined : String(deviceId),
      alarm: typeof alarm === 'string' ? alarm : undefined,
      fix:
        coords === undefined
          ? null
          : {
              ...(t === undefined ? {} : { t }),
              lon: coords.longitude,
              lat: coords.latitude,
              ...(coords.altitude === undefined ? {} : { alt: coords.altitude }),
              ...ifKnown('acc', coords.accuracy),
              ...ifKnown('speed', coords.speed),
              ...ifKnown('bearing', coords.heading),
              ...ifKnown('battery', battery?.level, 100),
            },
    },
  }
}
