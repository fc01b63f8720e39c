import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deviceKeyPattern } from '@gridkeeper/contracts'
import { bytesOf, itNeverThrows, nowMs } from '../decoder.trial.ts'
import { thingsBoard } from './decode-thingsboard.ts'

const decode = (topic: string, content: unknown, login: string | null = 'M-1') =>
  thingsBoard.decode({ topic, bytes: bytesOf(content), receivedAtMs: nowMs, login })
const telemetry = 'v1/devices/me/telemetry'
const reading = (v: object, t?: number) => ({
  channel: 'readings',
  payload: { ...(t === undefined ? {} : { t }), v },
})

describe('ThingsBoard device', () => {
  it.each([
    ['{k: v}', { ua: 221.3, p: 1.25 }, [reading({ ua: 221.3, p: 1.25 })]],
    [
      '[{k: v}, …], all of them at its arrival',
      [{ ua: 221.3 }, { p: 1.25 }],
      [reading({ ua: 221.3, p: 1.25 })],
    ],
    ['{ts, values}', { ts: 1763726400000, values: { ua: 1 } }, [reading({ ua: 1 }, 1763726400000)]],
    [
      '[{ts, values}, …]',
      [
        { ts: 1763726400000, values: { ua: 1 } },
        { ts: 1763726401000, values: { ua: 2 } },
        { ts: 1763726400000, values: { ub: 3 } },
      ],
      [reading({ ua: 1, ub: 3 }, 1763726400000), reading({ ua: 2 }, 1763726401000)],
    ],
    ['values without a time', { values: { ua: 1 } }, [reading({ ua: 1 })]],
    ['nothing', {}, []],
  ])('takes %s', (_form, content, items) => {
    expect(decode(telemetry, content)).toEqual({ deviceKey: 'M-1', items, rejections: [], isList: false })
  })

  it('takes a number in a text as a number, a text as a text', () => {
    const content = { ua: '221.3', open: true, firmware: '1.10.2', serial: '007', more: { a: 1 } }
    expect(decode(telemetry, content).items).toEqual([reading({ ...content, ua: 221.3 })])
  })

  it('is who has logged in, and nobody without a login', () => {
    expect(decode(telemetry, { ua: 1 }, 'token:0123456789abcdef').deviceKey).toBe('token:0123456789abcdef')
    for (const login of [null, 'not a key', ''])
      expect(decode(telemetry, { ua: 1 }, login)).toMatchObject({
        deviceKey: null,
        items: [],
        rejections: [{ reason: 'no-login', detail: expect.any(String) }],
      })
  })

  it('takes the good items of an array, and refuses each bad one in its own words', () => {
    const { items, rejections } = decode(telemetry, [{ ua: 1 }, 7, { ts: 'now', values: { ua: 2 } }])
    expect(items).toEqual([reading({ ua: 1 })])
    expect(rejections).toEqual([
      { reason: 'wrong-type', detail: 'telemetry: expected an object', item: '7' },
      {
        reason: 'wrong-type',
        detail: 'telemetry: ts: expected milliseconds',
        item: '{"ts":"now","values":{"ua":2}}',
      },
    ])
  })

  it.each([
    ['undecodable', 'hello'],
    ['wrong-type', '7'],
    ['wrong-type', { ts: null, values: {} }],
    ['wrong-type', '{"ts": 1e999, "values": {}}'],
  ])('refuses as %s: %o', (reason, content) => {
    expect(decode(telemetry, content)).toMatchObject({
      deviceKey: 'M-1',
      items: [],
      rejections: [{ reason, item: null }],
    })
  })

  it.each(['attributes', 'attributes/request/1', 'rpc/request/1', 'rpc/response/1', 'claim'])(
    'acknowledges %s, and keeps nothing of it',
    (channel) => {
      for (const level of ['devices/me', 'gateway'])
        for (const login of ['M-1', null])
          expect(decode(`v1/${level}/${channel}`, { firmware: '1.2' }, login)).toEqual({
            deviceKey: null,
            items: [],
            rejections: [],
            isList: false,
          })
    },
  )
})

describe('ThingsBoard gateway', () => {
  it('speaks for each of its devices under a key of its own', () => {
    const content = {
      'Dev A': [
        { ts: 1763726400000, values: { ua: 1 } },
        { ts: 1763726401000, values: { ua: 2 } },
      ],
      'Dev/B': [{ ua: 3 }],
      empty: [],
    }
    expect(decode('v1/gateway/telemetry', content, 'gw-1')).toEqual({
      deviceKey: null,
      items: [],
      rejections: [],
      isList: false,
      others: [
        {
          deviceKey: 'thingsboard:gw-1:Dev.20A',
          items: [reading({ ua: 1 }, 1763726400000), reading({ ua: 2 }, 1763726401000)],
          rejections: [],
          isList: false,
        },
        { deviceKey: 'thingsboard:gw-1:Dev.2FB', items: [reading({ ua: 3 })], rejections: [], isList: false },
      ],
    })
  })

  it('tells of each bad item in words that can run again by themselves', () => {
    const topic = 'v1/gateway/telemetry'
    const { others = [] } = decode(topic, { A: [{ ua: 1 }, 7], B: 'x' }, 'gw-1')
    const rejections = others.flatMap((other) => other.rejections)
    expect(rejections.map(({ item }) => item)).toEqual(['{"A":[7]}', '{"B":"x"}'])
    for (const { detail, item } of rejections)
      expect(decode(topic, item, 'gw-1').others?.[0]?.rejections).toEqual([
        { reason: 'wrong-type', detail, item },
      ])
  })

  it('says when a device comes and goes', () => {
    expect(decode('v1/gateway/connect', { device: 'Dev A', type: 'meter' }, 'gw-1')).toMatchObject({
      deviceKey: 'thingsboard:gw-1:Dev.20A',
      items: [{ channel: 'status', payload: { online: true } }],
    })
    expect(decode('v1/gateway/disconnect', { device: 'Dev A' }, 'gw-1').items).toEqual([
      { channel: 'status', payload: { online: false } },
    ])
  })

  it.each([
    ['no-login', 'telemetry', { A: [{ ua: 1 }] }, null],
    ['no-login', 'connect', { device: 'A' }, null],
    ['undecodable', 'telemetry', 'x', 'gw-1'],
    ['wrong-type', 'telemetry', [], 'gw-1'],
    ['wrong-type', 'connect', { device: 7 }, 'gw-1'],
    ['wrong-type', 'connect', { device: '' }, 'gw-1'],
    [
      'too-many-items',
      'telemetry',
      Object.fromEntries(Array.from({ length: 2_001 }, (_, at) => [at, []])),
      'gw-1',
    ],
  ])('refuses as %s: %s %o', (reason, channel, content, login) => {
    expect(decode(`v1/gateway/${channel}`, content, login)).toMatchObject({
      deviceKey: null,
      items: [],
      rejections: [{ reason }],
    })
  })

  it('never throws, and names every device that it speaks for', () => {
    fc.assert(
      fc.property(fc.json(), fc.option(fc.string()), (text, login) => {
        for (const { deviceKey, items } of decode('v1/gateway/telemetry', text, login).others ?? [])
          if (items.length > 0) expect(deviceKey).toMatch(deviceKeyPattern)
      }),
    )
  })

  const words = fc.dictionary(fc.constantFrom('device', 'ts', 'values', 'A'), fc.anything())
  itNeverThrows(thingsBoard, [telemetry, 'v1/gateway/telemetry', 'v1/gateway/connect'], words)
})

it.each(['v1/devices/M-1/telemetry', 'v1/devices/me', 'v1/devices/me/', 'v1/gateway/telemetry/x', 'v2/t'])(
  'does not own %s',
  (topic) => {
    expect(thingsBoard.matches(topic)).toBe(false)
  },
)
