import type { z } from 'zod'
import { convert, secondsToMs } from '../convert.ts'
import { refused, said, type Decoded, type DecodedItem, type Decoder, type Rejection } from '../decoder.ts'
import { foreignKey } from '../foreign-key.ts'
import { readJson } from '../limits.ts'
import {
  envelope,
  locationPayload,
  transitionPayload,
  waypointPayload,
  waypointsPayload,
  type LocationPayload,
  type TransitionPayload,
  type WaypointPayload,
} from './owntracks-payload.ts'

/** Where posts of the HTTP mode come whose address does not name the phone: the payload's own `topic` does. */
export const ownTracksHttpTopic = '/owntracks'

/** `<device>/cmd` is towards the phone and not ours to read. */
const topicPattern = /^owntracks\/([^/]+)\/([^/]+)(?:\/(?:event|waypoints?|status|steps?|beacon|dump|info))?$/

/** Said by an app, and nothing that we keep. */
const ignored = new Set(['beacon', 'card', 'cmd', 'configuration', 'dump', 'request', 'status', 'steps'])

/** OwnTracks, the app on a keeper's phone, by MQTT or HTTP. Device key: `owntracks:<user>:<device>`. */
export const ownTracks: Decoder = {
  name: 'owntracks',
  matches: (topic) => topic === ownTracksHttpTopic || topicPattern.test(topic),
  decode: ({ topic, bytes }) => {
    const read = readJson(bytes)
    const spoken = read.ok ? envelope.safeParse(read.content) : null
    const key = keyOf(topic === ownTracksHttpTopic ? (spoken?.data?.topic ?? '') : topic)
    if (!read.ok) return { deviceKey: key, items: [], rejections: [read.rejection], isList: false }
    if (spoken?.data === undefined) return refused(key, 'wrong-type', '_type: expected a text')
    if (key === null) return refused(null, 'wrong-type', 'topic: expected owntracks/<user>/<device>')
    return decodeTyped(key, spoken.data._type, read.content)
  },
}

function keyOf(topic: string): string | null {
  const [, user, device] = topicPattern.exec(topic) ?? []
  return user === undefined || device === undefined ? null : foreignKey('owntracks', user, device)
}

function decodeTyped(key: string, type: string, content: unknown): Decoded {
  switch (type) {
    case 'location':
      return withParsed(key, locationPayload, content, toLocationItems)
    case 'transition':
      return withParsed(key, transitionPayload, content, (payload) => [toTransition(payload)])
    case 'waypoint':
      return withParsed(key, waypointPayload, content, (payload) => [toWaypoint(payload)])
    case 'waypoints':
      return decodeWaypoints(key, content)
    case 'lwt':
      // Its time is that of the first connection, long ago: the arrival says when the phone was lost.
      return said(key, [{ channel: 'status', payload: { online: false } }])
    case 'encrypted':
      return refused(key, 'undecodable', 'the payload is encrypted; turn encryption off and use TLS')
    default:
      return ignored.has(type) ? said(key, []) : refused(key, 'wrong-type', `_type: ${type.slice(0, 64)}`)
  }
}

/** A phone that speaks is there. A ping repeats the last place under the present time: it is no new fix. */
function toLocationItems(location: LocationPayload): DecodedItem[] {
  const online: DecodedItem = { channel: 'status', payload: { online: true } }
  return location.t === 'p' ? [online] : [toFix(location), online]
}

/**
 * The apps leave out `acc`, `alt`, `cog` and `vel` where they are zero, and where they are unknown: absent stays unknown. Negative values are iOS's word for
 * "not valid". The item has nothing that differs between an original and its retained or queued copy, so that the copy is the same message.
 */
function toFix({ lat, lon, tst, acc, alt, vel, cog, batt }: LocationPayload): DecodedItem {
  return {
    channel: 'fixes',
    payload: {
      t: secondsToMs(tst),
      lon,
      lat,
      ...(alt === undefined ? {} : { alt }),
      ...(acc === undefined || acc < 0 ? {} : { acc }),
      ...(vel === undefined || vel < 0 ? {} : { speed: convert(vel, 1 / 3.6) }),
      ...(cog === undefined || cog < 0 || cog > 360 ? {} : { bearing: cog }),
      ...(batt === undefined || batt < 0 || batt > 100 ? {} : { battery: batt }),
    },
  }
}

const toTransition = ({ event, tst, ...data }: TransitionPayload): DecodedItem => ({
  channel: 'events',
  payload: { t: secondsToMs(tst), event: `region-${event}`, data },
})

const toWaypoint = ({ tst, ...data }: WaypointPayload): DecodedItem => ({
  channel: 'events',
  payload: { t: secondsToMs(tst), event: 'waypoint', data },
})

function decodeWaypoints(key: string, content: unknown): Decoded {
  const list = waypointsPayload.safeParse(content)
  if (!list.success) return refused(key, 'wrong-type', 'waypoints: expected an array')
  const items: DecodedItem[] = []
  const rejections: Rejection[] = []
  for (const waypoint of list.data.waypoints) {
    const parsed = waypointPayload.safeParse(waypoint)
    if (parsed.success) items.push(toWaypoint(parsed.data))
    else
      rejections.push({
        reason: 'wrong-type',
        detail: firstIssue(parsed.error),
        item: JSON.stringify(waypoint),
      })
  }
  return { deviceKey: key, items, rejections, isList: true }
}

function withParsed<T>(
  key: string,
  schema: z.ZodType<T>,
  content: unknown,
  toItems: (payload: T) => DecodedItem[],
): Decoded {
  const parsed = schema.safeParse(content)
  return parsed.success
    ? said(key, toItems(parsed.data))
    : refused(key, 'wrong-type', firstIssue(parsed.error))
}

const firstIssue = ({ issues: [issue] }: z.ZodError): string =>
  issue === undefined ? 'payload' : `${issue.path.join('.') || 'payload'}: ${issue.message}`
