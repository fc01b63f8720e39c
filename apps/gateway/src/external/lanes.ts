/**
 * What is read over which connection. What must not wait has a connection and a window of its own: fixes that are held back never stand before an event.
 *
 * - `events`    alarms of devices and their last wills
 * - `readings`  readings, and all protocols whose topics mix readings with the rest
 * - `fixes`     positions
 */
export const lanes = ['events', 'readings', 'fixes'] as const
export type Lane = (typeof lanes)[number]

/**
 * The topics that our decoders own, as narrow as MQTT's wildcards allow: a filter asks for what is understood and nothing else, and a message is matched by one
 * filter only (by two, it would come twice). Left out are
 *
 * - topics that do not name their device, as ThingsBoard's `v1/…`: behind an external broker nobody could tell who speaks
 * - Shelly's (`+/status/+`, `+/events/rpc`, `+/online`): they match half of what others say on a shared broker
 */
export const defaultTopics: readonly string[] = [
  'gk/v1/+/events',
  'gk/v1/+/status',
  'gk/v1/+/readings',
  'gk/v1/+/dlt645',
  'gk/v1/+/cjt188',
  'gk/v1/+/senml',
  'gk/v1/+/fixes',
  'owntracks/+/+',
  'owntracks/+/+/event',
  'owntracks/+/+/waypoint',
  'owntracks/+/+/waypoints',
  'zigbee2mqtt/+',
  'zigbee2mqtt/+/availability',
  'tele/+/SENSOR',
  'tele/+/LWT',
  'spBv1.0/#',
]

const nativeTopics = defaultTopics.filter((topic) => topic.startsWith('gk/v1/'))

/** What the operator asks for, with our own whole tree in its parts. */
export const expandTopics = (topics: readonly string[]): readonly string[] => [
  ...new Set(topics.flatMap((topic) => (topic === 'gk/v1/#' ? nativeTopics : [topic]))),
]

export function laneOf(topic: string): Lane {
  if (/^gk\/v1\/[^/]+\/(events|status)$/.test(topic)) return 'events'
  if (/^gk\/v1\/[^/]+\/fixes$/.test(topic) || topic.startsWith('owntracks/')) return 'fixes'
  return 'readings'
}

/** A Sparkplug edge speaks in aliases and sequences: whoever hears a part of it understands nothing. Every gateway hears all of it; what it says is stored once. */
export const isWhole = (topic: string): boolean => topic.startsWith('spBv1.0/')

/** `group` null: nothing is shared. */
export const toFilter = (group: string | null, topic: string): string =>
  group === null || isWhole(topic) ? topic : `$share/${group}/${topic}`
