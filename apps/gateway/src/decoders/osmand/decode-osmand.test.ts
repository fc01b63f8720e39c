import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeWith, itNeverThrows } from '../decoder.trial.ts'
import { osmAnd } from './decode-osmand.ts'
import { readOsmAndTime } from './osmand-time.ts'

const decode = (content: unknown) => decodeWith(osmAnd, '/osmand', content)
const fixOf = (content: unknown) => decode(content).items.find(({ channel }) => channel === 'fixes')?.payload

describe('OsmAnd', () => {
  it('reads a query in knots and percent', () => {
    const query =
      'id=123456&lat=30.25&lon=120.5&timestamp=1763726400&speed=36&bearing=90&altitude=-3.5&accuracy=4&batt=81&hdop=1&wifi=a,1'
    expect(decode(query)).toEqual({
      deviceKey: 'osmand:123456',
      items: [
        {
          channel: 'fixes',
          payload: {
            t: 1763726400000,
            lon: 120.5,
            lat: 30.25,
            alt: -3.5,
            acc: 4,
            speed: 18.52,
            bearing: 90,
            battery: 81,
          },
        },
      ],
      rejections: [],
      isList: false,
    })
  })

  it('reads the older names', () => {
    expect(fixOf('deviceid=a&location=30,120&heading=7&timestamp=2026-01-02+03:04:05')).toEqual({
      t: Date.UTC(2026, 0, 2, 3, 4, 5),
      lon: 120,
      lat: 30,
      bearing: 7,
    })
  })

  // Bodies of Traccar Client, from the protocol tests of Traccar.
  it('reads JSON in m/s and shares of one', () => {
    const location = {
      event: 'motionchange',
      is_moving: false,
      uuid: '0e9a2473-a9a7-4c00-997b-fb97d2154e75',
      timestamp: '2021-07-21T08:06:34.444Z',
      odometer: 0,
      coords: {
        latitude: -6.1148096,
        longitude: 106.6837015,
        accuracy: 3.8,
        speed: 18.67,
        speed_accuracy: 0.26,
        heading: 63,
        heading_accuracy: 0.28,
        altitude: 35.7,
        altitude_accuracy: 3.8,
      },
      activity: { type: 'still', confidence: 100 },
      battery: { is_charging: false, level: 0.79 },
      extras: {},
    }
    expect(decode({ location, device_id: '8737767034' })).toMatchObject({
      deviceKey: 'osmand:8737767034',
      rejections: [],
    })
    expect(fixOf({ location, device_id: '8737767034' })).toEqual({
      t: Date.parse('2021-07-21T08:06:34.444Z'),
      lon: 106.6837015,
      lat: -6.1148096,
      alt: 35.7,
      acc: 3.8,
      speed: 18.67,
      bearing: 63,
      battery: 79,
    })
  })

  it('leaves unknown what the phone calls −1', () => {
    const coords = {
      speed: -1,
      longitude: -122.406417,
      latitude: 37.785834,
      accuracy: 5,
      altitude: 0,
      heading: -1,
      floor: null,
    }
    const location = {
      coords,
      battery: { level: -1, is_charging: false },
      timestamp: '2025-05-09T04:11:30.579Z',
      mock: true,
    }
    expect(fixOf({ location, device_id: '658765' })).toEqual({
      t: 1746763890579,
      lon: -122.406417,
      lat: 37.785834,
      alt: 0,
      acc: 5,
    })
  })

  it.each([
    'id=1&lat=0&lon=0',
    'id=1&lat=30&lon=120&valid=false',
    'id=1&batt=7',
    '{"device_id":1,"location":{}}',
  ])('takes no fix where there is no place: %s', (content) => {
    expect(decode(content)).toMatchObject({ deviceKey: 'osmand:1', items: [], rejections: [] })
  })

  it('takes an alarm as an event', () => {
    expect(decode('id=1&lat=1&lon=2&timestamp=3&alarm=sos').items[1]).toEqual({
      channel: 'events',
      payload: { t: 3000, event: 'sos' },
    })
  })

  it.each([
    '',
    'lat=1&lon=2',
    'id=&lat=1&lon=2',
    'id=1&lat=91&lon=2',
    'id=1&lat=x&lon=2',
    'id=1&lat=1',
    'id=1&lat=1&lon=2&timestamp=now',
    '{"id":1}',
    '{',
    'id=1&location=1',
    Buffer.from([0xff]),
  ])('refuses %o', (content) => {
    expect(decode(content)).toMatchObject({ items: [], rejections: [{ detail: expect.any(String) }] })
  })

  it('reads seconds below 2³¹ − 1, and milliseconds above', () => {
    expect(readOsmAndTime('1763726400')).toBe(1763726400000)
    expect(readOsmAndTime('1763726400123')).toBe(1763726400123)
    expect(readOsmAndTime('2025-06-15T13:45:12.862+08:00')).toBe(Date.parse('2025-06-15T05:45:12.862Z'))
    expect(readOsmAndTime('2025-06-15T13:45:12')).toBe(Date.UTC(2025, 5, 15, 13, 45, 12))
    expect(readOsmAndTime('15.6.2025')).toBeUndefined()
  })

  const words = fc.record({
    device_id: fc.oneof(fc.string(), fc.integer(), fc.anything()),
    location: fc.record(
      { coords: fc.record({ latitude: fc.double(), longitude: fc.double() }), timestamp: fc.string() },
      { requiredKeys: [] },
    ),
  })
  itNeverThrows(osmAnd, ['/osmand'], words)
  it('never throws at a query', () => {
    fc.assert(
      fc.property(fc.webQueryParameters(), (query) => {
        decode(`id=1&lat=1&lon=2&${query}`)
      }),
    )
  })
})
