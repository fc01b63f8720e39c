import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeWith, itNeverThrows } from '../decoder.trial.ts'
import { ownTracks } from './decode-owntracks.ts'

const topic = 'owntracks/jane/phone'
const decode = (content: unknown, at = topic) => decodeWith(ownTracks, at, content)
const online = { channel: 'status', payload: { online: true } }
const fix = (payload: object) => [{ channel: 'fixes', payload }, online]

describe('OwnTracks', () => {
  // Payloads of real phones and trackers, from the protocol tests of Traccar.
  it.each([
    [
      {
        _type: 'location',
        acc: 15,
        alt: 440,
        batt: 46,
        conn: 'w',
        lat: 46.0681247,
        lon: 11.1512805,
        t: 'u',
        tid: '5t',
        tst: 1551874878,
        vac: 2,
        vel: 0,
      },
      { t: 1551874878000, lon: 11.1512805, lat: 46.0681247, alt: 440, acc: 15, speed: 0, battery: 46 },
    ],
    [
      { lon: 2.29513, lat: 48.85833, tst: 1497349316, _type: 'location', tid: 'JJ' },
      { t: 1497349316000, lon: 2.29513, lat: 48.85833 },
    ],
    [
      {
        cog: 271,
        lon: 2.29513,
        acc: 5,
        vel: 36,
        vac: 21,
        lat: 48.85833,
        tst: 1497349316,
        alt: 167,
        _type: 'location',
        tid: 'JJ',
        t: 'u',
        batt: 67,
      },
      {
        t: 1497349316000,
        lon: 2.29513,
        lat: 48.85833,
        alt: 167,
        acc: 5,
        speed: 10,
        bearing: 271,
        battery: 67,
      },
    ],
  ])('makes a fix of a location, in our units', (location, expected) => {
    expect(decode(location)).toEqual({
      deviceKey: 'owntracks:jane:phone',
      items: fix(expected),
      rejections: [],
      isList: true,
    })
  })

  it('leaves unknown what the phone calls invalid', () => {
    const location = { _type: 'location', lat: 1, lon: 2, tst: 3, acc: -1, vel: -1, cog: -1, batt: -1 }
    expect(decode(location).items).toEqual(fix({ t: 3000, lon: 2, lat: 1 }))
  })

  it('takes a ping as a sign of life, not as a fix', () => {
    expect(decode({ _type: 'location', lat: 1, lon: 2, tst: 3, t: 'p' }).items).toEqual([online])
  })

  it('says the same of a fix that is sent again under another time of sending', () => {
    const location = { _type: 'location', lat: 1, lon: 2, tst: 3 }
    expect(decode({ ...location, created_at: 99, conn: 'o' })).toEqual(decode(location))
  })

  it('takes transitions and waypoints as events at their own time', () => {
    const transition = {
      _type: 'transition',
      wtst: 1,
      lat: 1,
      lon: 2,
      tst: 5,
      acc: 7,
      tid: 'ab',
      event: 'leave',
      desc: '变电站',
      t: 'c',
    }
    expect(decode(transition, `${topic}/event`).items).toEqual([
      {
        channel: 'events',
        payload: {
          t: 5000,
          event: 'region-leave',
          data: { lat: 1, lon: 2, acc: 7, desc: '变电站', wtst: 1 },
        },
      },
    ])
    const waypoint = { _type: 'waypoint', desc: 'Home', lat: 1, lon: 2, rad: 50, tst: 6 }
    const { items, rejections } = decode(
      { _type: 'waypoints', waypoints: [waypoint, { desc: 1 }] },
      `${topic}/waypoints`,
    )
    expect(items).toEqual(decode(waypoint, `${topic}/waypoint`).items)
    expect(rejections).toMatchObject([{ reason: 'wrong-type', item: '{"desc":1}' }])
  })

  it('takes a last will as offline now, whenever the app had connected', () => {
    expect(decode({ _type: 'lwt', tst: 1 }).items).toEqual([
      { channel: 'status', payload: { online: false } },
    ])
  })

  it('reads the topic of the HTTP mode from the payload', () => {
    const location = {
      _type: 'location',
      lat: 37,
      lon: -122,
      tst: 1736161169,
      topic: 'owntracks/ckrey/22A67880-15C3-41A6-9157-25545C7993AC',
    }
    expect(decode(location, '/owntracks').deviceKey).toBe(
      'owntracks:ckrey:22A67880-15C3-41A6-9157-25545C7993AC',
    )
    expect(decode({ ...location, topic: undefined }, '/owntracks').rejections).toMatchObject([
      { reason: 'wrong-type' },
    ])
  })

  it.each([
    ['wrong-type', { _type: 'location', lat: 91, lon: 2, tst: 3 }],
    ['wrong-type', { _type: 'location', lat: 1, lon: 2 }],
    ['wrong-type', { _type: 'something' }],
    ['wrong-type', { lat: 1, lon: 2, tst: 3 }],
    ['wrong-type', []],
    ['undecodable', { _type: 'encrypted', data: 'aGVsbG8=' }],
    ['undecodable', ''],
  ])('refuses as %s: %o', (reason, content) => {
    expect(decode(content)).toMatchObject({ items: [], rejections: [{ reason }] })
  })

  it('owns no topic towards the phone', () => {
    for (const other of [`${topic}/cmd`, 'owntracks/jane', 'owntracks/a/b/c/d', 'owntracks//phone'])
      expect(ownTracks.matches(other)).toBe(false)
  })

  const words = fc.record(
    {
      _type: fc.constantFrom('location', 'transition', 'waypoint', 'waypoints', 'lwt', 'steps', 'x'),
      lat: fc.anything(),
      lon: fc.double(),
      tst: fc.oneof(fc.integer(), fc.anything()),
      topic: fc.oneof(fc.constant('owntracks/a/b'), fc.string()),
      waypoints: fc.array(fc.anything()),
      event: fc.constantFrom('enter', 'x'),
    },
    { requiredKeys: ['_type'] },
  )
  itNeverThrows(ownTracks, [topic, '/owntracks', 'owntracks/电/话/event'], words)
})
