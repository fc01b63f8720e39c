import { describe, expect, it } from 'vitest'
import { createDecoders } from '../decoders/decoders.ts'
import { defaultTopics, expandTopics, laneOf, toFilter } from './lanes.ts'

const isMatch = (filter: string, topic: string): boolean => {
  const parts = filter.split('/')
  const levels = topic.split('/')
  for (const [at, part] of parts.entries()) {
    if (part === '#') return true
    if (levels[at] === undefined || (part !== '+' && part !== levels[at])) return false
  }
  return parts.length === levels.length
}

const topics = [
  'gk/v1/M-1/readings',
  'gk/v1/M-1/fixes',
  'gk/v1/M-1/events',
  'gk/v1/M-1/status',
  'gk/v1/M-1/dlt645',
  'gk/v1/M-1/senml',
  'owntracks/li/phone',
  'owntracks/li/phone/event',
  'owntracks/li/phone/waypoints',
  'zigbee2mqtt/breaker',
  'zigbee2mqtt/breaker/availability',
  'tele/plug/SENSOR',
  'tele/plug/LWT',
]

describe('the topics that are read by default', () => {
  it.each(topics)('%s is understood by a decoder and asked for once', (topic) => {
    expect(createDecoders().some(({ matches }) => matches(topic))).toBe(true)
    expect(defaultTopics.filter((filter) => isMatch(filter, topic))).toHaveLength(1)
  })

  it('leave out the bus, commands, and topics that name nobody', () => {
    for (const topic of [
      'gk/bus/frames/x',
      'zigbee2mqtt/x/set',
      'owntracks/a/b/cmd',
      'v1/devices/me/telemetry',
      'cmnd/x/POWER',
    ])
      expect(
        defaultTopics.filter((filter) => isMatch(filter, topic)),
        topic,
      ).toEqual([])
  })

  it('are shared within the group, but for Sparkplug, which is understood as a whole only', () => {
    expect(toFilter('g', 'gk/v1/+/readings')).toBe('$share/g/gk/v1/+/readings')
    expect(toFilter('g', 'spBv1.0/#')).toBe('spBv1.0/#')
    expect(toFilter(null, 'gk/v1/+/readings')).toBe('gk/v1/+/readings')
  })

  it('let events and wills wait for nobody, and positions for themselves', () => {
    expect(expandTopics(['gk/v1/#', 'tele/#']).map((topic) => [topic, laneOf(topic)])).toEqual([
      ['gk/v1/+/events', 'events'],
      ['gk/v1/+/status', 'events'],
      ['gk/v1/+/readings', 'readings'],
      ['gk/v1/+/dlt645', 'readings'],
      ['gk/v1/+/cjt188', 'readings'],
      ['gk/v1/+/senml', 'readings'],
      ['gk/v1/+/fixes', 'fixes'],
      ['tele/#', 'readings'],
    ])
  })
})
