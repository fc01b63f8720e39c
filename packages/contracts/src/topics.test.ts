import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bus, channels, deviceKeyPattern, deviceTopic, parseDeviceTopic } from './topics.ts'

const key = fc.stringMatching(/^[A-Za-z0-9._:-]{1,64}$/)

describe('parseDeviceTopic', () => {
  it('reads what deviceTopic writes', () => {
    fc.assert(
      fc.property(key, fc.constantFrom(...channels), (deviceKey, channel) => {
        expect(parseDeviceTopic(deviceTopic(deviceKey, channel))).toEqual({ deviceKey, channel })
      }),
    )
  })

  it.each([
    '',
    'gk/v1',
    'gk/v1/',
    'gk/v1/M-1',
    'gk/v1/M-1/',
    'gk/v1//readings',
    'gk/v1/+/readings',
    'gk/v1/#',
    'gk/v1/M 1/readings',
    'gk/v1/电表/readings',
    'gk/v1/M\0/readings',
    'gk/v1/M-1/readings/',
    'gk/v1/M-1/readings/x',
    'gk/v1/M/1/readings',
    'gk/v1/M-1/Readings',
    'gk/v1/M-1/commands',
    'gk/v1/M-1/toString',
    'gk/v2/M-1/readings',
    '/gk/v1/M-1/readings',
    `gk/v1/${'x'.repeat(65)}/readings`,
    bus.registry,
  ])('refuses %o', (topic) => {
    expect(parseDeviceTopic(topic)).toBeNull()
  })

  it('never gives a key that could be a wildcard or a level of a topic, whatever comes', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }).map((part) => `gk/v1/${part}/readings`),
    )
    fc.assert(
      fc.property(anything, (topic) => {
        const parsed = parseDeviceTopic(topic)
        if (parsed !== null) expect(parsed.deviceKey).toMatch(deviceKeyPattern)
        if (parsed !== null) expect(deviceTopic(parsed.deviceKey, parsed.channel)).toBe(topic)
      }),
    )
  })
})

it('keeps the bus apart from the devices', () => {
  for (const topic of [bus.frames('a'), bus.alarms('a'), bus.status('a'), bus.registry, bus.all]) {
    expect(topic.startsWith(bus.prefix)).toBe(true)
    expect(parseDeviceTopic(topic)).toBeNull()
  }
})
