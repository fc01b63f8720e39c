import { fixPayload } from '@gridkeeper/contracts'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { z } from 'zod'
import { parseTime } from './parse-time.ts'
import type { Sample } from './sample.ts'
import { RecordingError } from './sample.ts'

const pointSchema = z.object({
  '@lat': z.coerce.number(),
  '@lon': z.coerce.number(),
  time: z.string().optional(),
  ele: z.coerce.number().optional(),
  speed: z.coerce.number().nonnegative().optional(),
  course: z.coerce.number().optional(),
})

const lists = new Set(['trk', 'trkseg', 'trkpt'])

/** The track points of a GPX 1.0 or 1.1 file, over all tracks and segments, numbered from 1. Throws RecordingError for another file. */
export function readGpx(text: string): Sample[] {
  const valid = XMLValidator.validate(text)
  if (valid !== true) throw new RecordingError(`not a GPX file: ${valid.err.msg} (line ${valid.err.line})`)
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    parseTagValue: false,
    removeNSPrefix: true,
    isArray: (name) => lists.has(name),
  })
  const root = parser.parse(text) as { gpx?: { trk?: { trkseg?: ({ trkpt?: unknown[] } | string)[] }[] } }
  if (root.gpx === undefined) throw new RecordingError('not a GPX file: it has no <gpx> element')
  const points = (root.gpx.trk ?? []).flatMap(({ trkseg = [] }) =>
    trkseg.flatMap((segment) => (typeof segment === 'string' ? [] : (segment.trkpt ?? []))),
  )
  if (points.length === 0) throw new RecordingError('the GPX file has no track points')
  return points.map((point, i) => toSample(point, i + 1))
}

function toSample(raw: unknown, line: number): Sample {
  const parsed = pointSchema.safeParse(raw)
  if (!parsed.success) return { ok: false, line, reason: 'a track point without a place' }
  const { '@lat': lat, '@lon': lon, time, ele, speed, course } = parsed.data
  if (time === undefined) return { ok: false, line, reason: 'a track point without a time' }
  const timeMs = parseTime(time, 'iso', 'UTC')
  if (!timeMs.ok) return { ok: false, line, reason: timeMs.reason }
  const fix = fixPayload.safeParse({
    lon,
    lat,
    ...(ele === undefined ? {} : { alt: ele }),
    ...(speed === undefined ? {} : { speed }),
    ...(course === undefined ? {} : { bearing: course }),
  })
  if (!fix.success) return { ok: false, line, reason: `no such place: ${lat}, ${lon}` }
  return { ok: true, line, timeMs: timeMs.timeMs, body: { channel: 'fixes', fix: fix.data } }
}
