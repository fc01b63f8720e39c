import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { itNeverThrows, nowMs } from '../decoder.trial.ts'
import { Bench, decodePayload, p, ua, type EdgeMetric } from './edge-node.trial.ts'
import { maxDevicesPerNode, maxMetricsPerNode, overtakenMs, rebirthEveryMs } from './node-state.ts'
import { rebirthCommand } from './payload.ts'
import { SparkplugHost } from './sparkplug-host.ts'

const reading = (v: object, t = nowMs) => ({ channel: 'readings', payload: { t, v } })
const online = (is: boolean) => ({ channel: 'status', payload: { online: is } })
const rebirthTopic = 'spBv1.0/g/NCMD/e1'
const deviceKey = 'sparkplug:g:e1:M1'

/** Node and device are born. */
const born = () => {
  const bench = new Bench()
  bench.nodeBirth()
  bench.deviceBirth()
  return bench
}

describe('a Sparkplug host', () => {
  it('reads births, and data that carry numbers instead of names', () => {
    const bench = new Bench()
    expect(bench.nodeBirth(0, [{ name: 'Properties/Firmware', type: 'String', value: '1.2' }])).toEqual({
      deviceKey: 'sparkplug:g:e1',
      items: [online(true), reading({ Firmware: '1.2' })],
      rejections: [],
      isList: false,
    })
    expect(bench.deviceBirth()).toEqual({
      deviceKey,
      items: [online(true), reading({ ua: 221.3, p: 1.25 })],
      rejections: [],
      isList: false,
    })
    expect(bench.hear('DDATA', 2, [ua(219.9)])).toEqual({
      deviceKey,
      items: [reading({ ua: 219.9 })],
      rejections: [],
      isList: false,
    })
    expect(
      bench.hear('NDATA', 3, [{ name: 'Properties/Firmware', type: 'String', value: '1.3' }]).items,
    ).toEqual([reading({ Firmware: '1.3' })])
  })

  it('counts from 255 on to 0', () => {
    const bench = born()
    for (let seq = 2; seq < 600; seq++)
      expect(bench.hear('DDATA', seq % 256, [ua(1)]), `${seq}`).not.toHaveProperty('rebirth')
  })

  it('asks once for a rebirth at a gap, takes what it knows, and asks again only after a while', () => {
    const bench = born()
    expect(bench.hear('DDATA', 7, [ua(1)])).toMatchObject({
      items: [reading({ ua: 1 })],
      rebirth: rebirthTopic,
    })
    expect(bench.hear('DDATA', 8, [ua(1)])).not.toHaveProperty('rebirth')
    expect(bench.hear('DDATA', 10, [ua(1)])).not.toHaveProperty('rebirth')
    bench.nowMs += rebirthEveryMs
    expect(bench.hear('DDATA', 11, [ua(1)])).not.toHaveProperty('rebirth')
    expect(bench.hear('DDATA', 20, [ua(1)])).toHaveProperty('rebirth', rebirthTopic)
  })

  it('takes the same message again as the same', () => {
    const bench = born()
    const first = bench.hear('DDATA', 2, [ua(1)])
    expect(bench.hear('DDATA', 2, [ua(1)])).toEqual(first)
    expect(bench.hear('DDATA', 3, [ua(2)])).not.toHaveProperty('rebirth')
  })

  it('refuses data without a birth, and what no birth has named, but takes the rest', () => {
    const bench = new Bench()
    const refusal = [{ reason: 'unknown-alias', detail: expect.any(String), item: null }]
    expect(bench.hear('DDATA', 5, [ua(1)])).toEqual({
      deviceKey,
      items: [],
      rejections: refusal,
      isList: false,
      rebirth: rebirthTopic,
    })
    expect(bench.hear('NDATA', 6, [ua(1)])).toMatchObject({ items: [], rejections: refusal })
    bench.nodeBirth()
    bench.deviceBirth()
    bench.nowMs += rebirthEveryMs
    expect(bench.hear('DDATA', 2, [ua(1), { alias: 77, type: 'Float', value: 3 }])).toMatchObject({
      items: [reading({ ua: 1 })],
      rejections: refusal,
      rebirth: rebirthTopic,
    })
  })

  it('takes the death of the present session for node and devices, and ignores that of an older one', () => {
    const bench = born()
    bench.deviceBirth(2, 'M2')
    expect(bench.nodeDeath(255)).toEqual({
      deviceKey: 'sparkplug:g:e1',
      items: [],
      rejections: [],
      isList: false,
    })
    const { items, others = [] } = bench.nodeDeath(0)
    expect(items).toEqual([online(false)])
    expect(others.map((other) => [other.deviceKey, other.items])).toEqual([
      [deviceKey, [online(false)]],
      ['sparkplug:g:e1:M2', [online(false)]],
    ])
    expect(bench.nodeDeath(0).items).toEqual([])
    expect(bench.hear('DDATA', 3, [ua(1)])).toMatchObject({
      items: [],
      rejections: [{ reason: 'unknown-alias' }],
    })
  })

  it('says a node dead of which it has heard nothing else', () => {
    expect(new Bench().nodeDeath(3).items).toEqual([online(false)])
  })

  it('is not deceived by a death that overtakes the birth of its session', () => {
    const bench = born()
    bench.nodeDeath(0)
    expect(bench.nodeBirth(0).items).toEqual([])
    // A node that never counts its sessions is alive again all the same, only later.
    bench.nowMs += overtakenMs
    expect(bench.nodeBirth(0).items).toEqual([online(true)])
    bench.nodeDeath(0)
    expect(bench.nodeBirth(1).items).toEqual([online(true)])
  })

  it('reads data that run again with the names it has learnt since, and the order goes on as if they had not', () => {
    const bench = new Bench()
    expect(bench.hear('DDATA', 200, [ua(1)]).rejections).toHaveLength(1)
    bench.nowMs += 60_000
    bench.nodeBirth()
    bench.deviceBirth()
    bench.nowMs -= 60_000
    expect(bench.hear('DDATA', 200, [ua(1)])).toEqual({
      deviceKey,
      items: [reading({ ua: 1 })],
      rejections: [],
      isList: false,
    })
    bench.nowMs += 70_000
    expect(bench.hear('DDATA', 2, [ua(2)])).not.toHaveProperty('rebirth')
  })

  it('takes a device’s birth that comes before its node’s', () => {
    const bench = new Bench()
    expect(bench.deviceBirth(1)).toMatchObject({ items: [reading({ ua: 221.3, p: 1.25 })], rejections: [] })
    const { items, others = [] } = bench.nodeBirth()
    expect(items).toEqual([online(true)])
    expect(others).toMatchObject([{ deviceKey, items: [online(true)] }])
    expect(bench.hear('DDATA', 2, [ua(1)])).toEqual({
      deviceKey,
      items: [reading({ ua: 1 })],
      rejections: [],
      isList: false,
    })
  })

  it('takes a device’s birth that overtakes its node’s rebirth', () => {
    const bench = born()
    bench.hear('DDATA', 2, [ua(1)])
    expect(bench.deviceBirth(1)).not.toHaveProperty('rebirth')
    bench.nodeBirth()
    expect(bench.hear('DDATA', 2, [ua(1)])).toEqual({
      deviceKey,
      items: [reading({ ua: 1 })],
      rejections: [],
      isList: false,
    })
  })

  it('asks for the birth of a node of which it has missed all but a device’s', () => {
    const bench = new Bench()
    bench.deviceBirth(9)
    expect(bench.hear('DDATA', 10, [ua(1)])).toMatchObject({
      items: [reading({ ua: 1 })],
      rebirth: rebirthTopic,
    })
  })

  it('says offline what a new session does not bring back, and not what a rebirth will', () => {
    const bench = born()
    expect(bench.nodeBirth(0)).not.toHaveProperty('others')
    bench.deviceBirth(1)
    expect(bench.nodeBirth(1).others).toMatchObject([{ deviceKey, items: [online(false)] }])
  })

  it('says a device offline at its death, and knows it no more', () => {
    const bench = born()
    expect(bench.hear('DDEATH', 2, []).items).toEqual([online(false)])
    expect(bench.hear('DDATA', 3, [ua(1)])).toMatchObject({
      items: [],
      rejections: [{ reason: 'unknown-alias' }],
    })
  })

  it('learns numbers anew at each birth', () => {
    const bench = born()
    bench.nodeBirth(1)
    bench.hear('DBIRTH', 1, [p(1, 'Ua'), ua(2, 'P')])
    expect(bench.hear('DDATA', 2, [ua(5), p(6)]).items).toEqual([reading({ p: 5, ua: 6 })])
  })

  it('makes one reading of the metrics of one time, and marks what was kept back as history', () => {
    const bench = born()
    const t = nowMs - 60_000
    const { items } = bench.hear('DDATA', 2, [
      { ...ua(1), timestamp: t },
      { ...p(2), timestamp: t },
      { ...ua(3), timestamp: t + 1_000 },
      { ...ua(4), timestamp: t - 3_600_000, isHistorical: true },
      p(5),
    ])
    expect(items).toEqual([
      reading({ ua: 1, p: 2 }, t),
      reading({ ua: 3 }, t + 1_000),
      reading({ p: 5 }),
      { ...reading({ ua: 4 }, t - 3_600_000), isHistorical: true },
    ])
  })

  it('takes null as unknown, and does not keep what is transient', () => {
    const bench = born()
    expect(bench.hear('DDATA', 2, [ua(null), { ...p(3), isTransient: true }]).items).toEqual([
      reading({ ua: null }),
    ])
  })

  it('reads every type of one value as the node means it, and passes over the rest', () => {
    const values: readonly [EdgeMetric['type'], EdgeMetric['value'], unknown][] = [
      ['Int8', -5, -5],
      ['Int16', -300, -300],
      ['Int32', -70_000, -70_000],
      ['Int64', -5_000_000_000, -5_000_000_000],
      ['UInt8', 200, 200],
      ['UInt16', 60_000, 60_000],
      ['UInt32', 4_000_000_000, 4_000_000_000],
      ['UInt64', 2 ** 53 - 1, 2 ** 53 - 1],
      ['Float', 221.3, 221.3],
      ['Float', Infinity, null],
      ['Double', 0.1, 0.1],
      ['Double', NaN, null],
      ['Boolean', true, true],
      ['Boolean', false, false],
      ['String', 'x', 'x'],
      ['Text', '电', '电'],
      ['UUID', 'a-b', 'a-b'],
      ['DateTime', 1763726400000, 1763726400000],
      ['Bytes', new Uint8Array([1]), undefined],
      [
        'DataSet',
        { numOfColumns: 1, columns: ['a'], types: ['Int32'], rows: [[1]] } as unknown as EdgeMetric['value'],
        undefined,
      ],
    ]
    const metrics = values.map(([type, value], at) => ({ name: `m${at}`, type, value }))
    const { items, rejections } = new Bench().hear('NBIRTH', 0, metrics)
    expect(rejections).toEqual([])
    const said = values.flatMap(([, , expected], at) =>
      expected === undefined ? [] : [[`m${at}`, expected]],
    )
    expect(items[1]).toEqual(reading(Object.fromEntries(said)))
  })

  it('calls a metric by the last part of its name, by ours in any case, and by all of it where two would be one', () => {
    const float = (name: string, value: number): EdgeMetric => ({ name, type: 'Float', value })
    const names = ['Feeder/Ua', 'KWH', 'A/Level1', 'Line 1/P', 'Line 2/p', 'odd/', 'Node Control/Rebirth']
    const { items } = new Bench().hear(
      'DBIRTH',
      1,
      names.map((name, at) => float(name, at)),
    )
    expect(items).toEqual([reading({ ua: 0, kwh: 1, Level1: 2, 'Line 1/P': 3, 'Line 2/p': 4, 'odd/': 5 })])
  })

  it('keeps what each login says of a node apart', () => {
    const bench = born()
    bench.hear('NDEATH', null, [{ name: 'bdSeq', type: 'UInt64', value: 0 }], { login: null })
    bench.hear('NBIRTH', 0, [], { login: 'somebody' })
    expect(bench.hear('DDATA', 2, [ua(1)])).toEqual({
      deviceKey,
      items: [reading({ ua: 1 })],
      rejections: [],
      isList: false,
    })
  })

  it('remembers so many nodes and metrics, forgets the one silent longest, and asks it again when it speaks', () => {
    for (const limits of [
      { maxNodes: 2, maxMetrics: 1_000 },
      { maxNodes: 1_000, maxMetrics: 6 },
    ]) {
      const bench = new Bench(limits)
      const three: EdgeMetric[] = ['a', 'b', 'c'].map((name) => ({ name, type: 'Int8', value: 1 }))
      const data = (edge: string, seq: number) => bench.hear('NDATA', seq, three, { edge })
      for (const edge of ['e1', 'e2']) bench.hear('NBIRTH', 0, three, { edge })
      expect(data('e1', 1)).not.toHaveProperty('rebirth')
      bench.hear('NBIRTH', 0, three, { edge: 'e3' })
      expect(data('e1', 2)).not.toHaveProperty('rebirth')
      expect(data('e2', 1)).toMatchObject({ items: [], rebirth: 'spBv1.0/g/NCMD/e2' })
    }
  })

  it('refuses more metrics than a node may have', () => {
    const bench = new Bench()
    const many = (from: number) =>
      Array.from({ length: maxMetricsPerNode / 2 + 1 }, (_, at): EdgeMetric => ({
        name: `m${from + at}`,
        type: 'Int8',
        value: 1,
      }))
    bench.nodeBirth(0, many(0))
    expect(bench.hear('DBIRTH', 1, many(0))).toMatchObject({
      items: [],
      rejections: [{ reason: 'too-many-items' }],
    })
  })

  it('refuses more devices than a node may have, so that its death is one message', () => {
    const bench = new Bench()
    bench.nodeBirth()
    for (let at = 0; at < maxDevicesPerNode; at++) bench.hear('DBIRTH', null, [], { device: `M${at}` })
    expect(bench.hear('DBIRTH', null, [], { device: 'one more' })).toMatchObject({
      items: [],
      rejections: [{ reason: 'too-many-items' }],
    })
    expect(bench.hear('DBIRTH', null, [], { device: 'M1' }).rejections).toEqual([])
    expect(bench.nodeDeath().others).toHaveLength(maxDevicesPerNode)
  })

  it('counts a long name as several metrics', () => {
    const long = (at: number): EdgeMetric => ({
      name: 'x'.repeat(6_400) + String(at),
      type: 'Int8',
      value: 1,
    })
    const bench = new Bench({ maxNodes: 10, maxMetrics: 150 })
    bench.hear('NBIRTH', 0, [long(1)], { edge: 'e1' })
    bench.hear('NBIRTH', 0, [ua(1, 'a')], { edge: 'e2' })
    bench.hear('NBIRTH', 0, [long(1)], { edge: 'e3' })
    expect(bench.hear('NDATA', 1, [long(1)], { edge: 'e1' })).toHaveProperty('rebirth')
    expect(bench.hear('NDATA', 1, [ua(1)], { edge: 'e2' })).not.toHaveProperty('rebirth')
  })

  it('refuses what is no payload, and forgets nothing for it', () => {
    const bench = born()
    expect(bench.hearBytes('DDATA', Buffer.from('hello'), { device: 'M1' })).toMatchObject({
      deviceKey,
      items: [],
      rejections: [{ reason: 'undecodable' }],
    })
    expect(bench.hear('DDATA', 2, [ua(1)]).items).toEqual([reading({ ua: 1 })])
  })

  it('reads bytes made by hand', () => {
    // timestamp 1763726400000; a metric `Ua`, alias 1, type 9, float 2.5; seq 0.
    const hex = '08 80b4a4b2aa33 12 0d 0a02 5561 1001 2009 65 00002040 1800'
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex')
    expect(new Bench().hearBytes('NBIRTH', bytes).items).toEqual([
      online(true),
      reading({ ua: 2.5 }, 1763726400000),
    ])
  })

  it('does not listen to commands, nor to the state of another host', () => {
    const host = new SparkplugHost()
    for (const topic of ['spBv1.0/g/NCMD/e1', 'spBv1.0/g/DCMD/e1/M1', 'spBv1.0/STATE/scada']) {
      expect(host.matches(topic), topic).toBe(true)
      expect(host.decode({ topic, bytes: Buffer.from('x'), receivedAtMs: nowMs })).toEqual({
        deviceKey: null,
        items: [],
        rejections: [],
        isList: false,
      })
    }
  })

  it.each([
    'spBv1.0/g/NDATA/e1/M1',
    'spBv1.0/g/DDATA/e1',
    'spBv1.0/g/XDATA/e1',
    'spBv1.0/g/NDATA/',
    'spBv1.0//NDATA/e1',
    'spBv1.0/STATE/a/b',
    'spAv1.0/g/NDATA/e1',
    'spBv1.0/g/DDATA/e1/M1/x',
    `spBv1.0/g/NDATA/${'x'.repeat(129)}`,
  ])('does not own %s', (topic) => {
    expect(new SparkplugHost().matches(topic)).toBe(false)
  })

  it('asks in words that another’s library understands', () => {
    const { timestamp, seq, metrics } = decodePayload(rebirthCommand(nowMs))
    expect(Number(timestamp)).toBe(nowMs)
    expect(seq).toBeUndefined()
    expect(metrics).toMatchObject([{ name: 'Node Control/Rebirth', type: 'Boolean', value: true }])
  })

  it('never throws, and asks at most once in its time, whatever comes in whatever order', () => {
    const message = fc.record({
      type: fc.constantFrom(
        'NBIRTH',
        'NDEATH',
        'NDATA',
        'DBIRTH',
        'DDEATH',
        'DDATA',
      ) as fc.Arbitrary<'NDATA'>,
      seq: fc.option(fc.nat(255)),
      wait: fc.nat(3_000),
      metrics: fc.array(
        fc.constantFrom<EdgeMetric>(ua(1), ua(1, 'Ua'), p(2), p(2, 'P'), {
          name: 'bdSeq',
          type: 'UInt64',
          value: 1,
        }),
        { maxLength: 3 },
      ),
    })
    fc.assert(
      fc.property(fc.array(message, { maxLength: 40 }), (messages) => {
        const bench = new Bench()
        let askedMs = -Infinity
        for (const { type, seq, wait, metrics } of messages) {
          bench.nowMs += wait
          const { rebirth } = bench.hear(type, seq, metrics)
          if (rebirth === undefined) continue
          expect(bench.nowMs - askedMs).toBeGreaterThanOrEqual(rebirthEveryMs)
          askedMs = bench.nowMs
        }
      }),
    )
  })

  itNeverThrows(new SparkplugHost(), ['spBv1.0/g/NBIRTH/e1', 'spBv1.0/g/DDATA/e1/M1', 'spBv1.0/STATE/h'])
})
